/// Who prepares the input of a convolution: pads it, or transforms it for Winograd's products.
///
/// What a thread prepares for itself stays in its own cache and needs no waiting for others. Where
/// cores have separate level 3 caches, each cache line that goes from one to the other costs as
/// much as hundreds of multiplications.
enum InputSharing {
  /// Each unit of work, for the results that it makes itself, in all channels.
  case byUnit
  /// Each thread, all of it; then threads share the output channels, so that weights are read once.
  case byThread
  /// All threads together; then they share the output channels, and read what others prepared.
  case shared
}
