import CNNPlatform
import ArgumentParser
import CNNCore
import CNNSystem

/// The command `cnn`: parse, call the libraries, print, choose the exit status.
@main
struct CNNMain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cnn",
    abstract: "Classify pictures with convolutional networks, on the CPU.",
    discussion: """
      EXAMPLES
        cnn predict --model vgg16 --weights vgg16_weights.npz elephant.jpg
        cnn predict --model resnet50 --json photos/ > labels.jsonl
        cnn predict --weights runs/pets/best.safetensors cat.jpg
        cnn evaluate --weights runs/pets/best.safetensors data/test
        cnn features --model vgg16 --layer fc7 photos/ --output features.npz
        cnn finetune --model vgg16 --freeze conv data/train
        cnn summary --model vgg16 --input 48x48 --classes 10
        cnn data check data/train
        cnn models
        cnn bench --model vgg16

      EXIT STATUS
        0  done
        1  one or more pictures failed; all others were processed
        2  wrong usage
        3  the weights were refused
        4  the data were refused
        5  a file could not be written
      130  stopped by Ctrl-C, 143 by SIGTERM; the same cnn finetune resumes the run
      """,
    version: "0.1.0",
    subcommands: [
      PredictCommand.self, EvaluateCommand.self, FineTuneCommand.self, FeaturesCommand.self,
      SummaryCommand.self, DataCommand.self, ModelsCommand.self, BenchCommand.self,
      CacheCommand.self,
    ])

  /// Parses the arguments and runs the verb.
  ///
  /// The parser's own `main` is not used: it reads arguments as UTF-8, which loses other file names,
  /// and exits with 64 where this command promises 2.
  static func main() {
    OpenBLAS.endThreads()
    // So a limit on file sizes is an error like a full disk, and does not end the process.
    signal(SIGXFSZ, SIG_IGN)
    do {
      let arguments = RawArguments.encoded()
      try RawArguments.check(arguments)
      var command = try parseAsRoot(arguments)
      // Variables are checked even for verbs that do not use them, so that a typing error shows.
      _ = try Workers.environmentCount()
      _ = try InferenceOptions.fromEnvironment()
      try command.run()
    } catch {
      ExitStatus.leave(with: error, of: CNNMain.self)
    }
  }
}
