// The C library of the system under one name: mathematical functions, files, threads, time.
//
// Every other module says `internal import CNNPlatform`. This is a module of its own because what
// it passes on would otherwise reach everybody who imports one of the libraries.

#if canImport(Glibc)
  @_exported public import Glibc
#elseif canImport(Musl)
  @_exported public import Musl
#else
  @_exported public import Darwin
#endif
