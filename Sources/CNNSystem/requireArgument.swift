/// Ends the process with a message where the caller's value breaks a rule of the function.
///
/// For public functions that do not throw. Unlike that of `precondition`, the message is printed in
/// optimised builds too: it is what the author of the calling program needs.
@inlinable
package func requireArgument(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) {
  if !condition() { fatalError(message(), file: file, line: line) }
}
