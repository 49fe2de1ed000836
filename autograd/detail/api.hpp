/// What a shared library shows to programs: `namespace AUTOGRAD_API autograd { ... }`, in headers
/// that users include. The functions of the engine are not shown.
#pragma once

#define AUTOGRAD_API [[gnu::visibility("default")]]
