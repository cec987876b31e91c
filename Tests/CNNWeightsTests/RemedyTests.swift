import CNNSystem
import CNNTestSupport
import CNNWeights
import Foundation
import SystemPackage
import Testing

/// The remedy for a refused pickle is a line for the shell. It must work for somebody who has nothing
/// but the file, so each is run here, and its result read.
@Suite struct RemedyTests {
  struct Refused: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Python that writes `old.pth`, `old.npy`, `old.pkl` or `old.pt` in the working folder.
    let program: String
    let oldName: String
    /// The names in the file that the remedy makes.
    let names: [String]
  }

  static let torchFiles = [
    Refused(
      testDescription: "a checkpoint with the arguments of its script",
      program: "import argparse; torch.save({'args': argparse.Namespace(lr=1), 'epoch': 3, "
        + "'state_dict': torch.nn.Linear(2, 3).state_dict()}, 'old.pth')",
      oldName: "old.pth", names: ["weight", "bias"]),
    Refused(
      testDescription: "a whole model",
      program: "torch.save(torch.nn.Sequential(torch.nn.Linear(2, 3)), 'old.pth')",
      oldName: "old.pth", names: ["0.weight", "0.bias"]),
    Refused(
      testDescription: "a whole model in a checkpoint",
      program: "torch.save({'net': torch.nn.Linear(2, 3), 'when': __import__('datetime')"
        + ".datetime.now()}, 'old.pth', _use_new_zipfile_serialization=False)",
      oldName: "old.pth", names: ["weight", "bias"]),
    Refused(
      testDescription: "TorchScript",
      program: "torch.jit.save(torch.jit.script(torch.nn.Linear(2, 3)), 'old.pt')",
      oldName: "old.pt", names: ["weight", "bias"]),
  ]

  static let numPyFiles = [
    Refused(
      testDescription: "objects beside layers",
      program: "import fractions; numpy.save('old.npy', {'conv1': [numpy.ones((2, 3), 'f4'), "
        + "numpy.ones(3, 'f4')], 'x': fractions.Fraction(1, 2)}, allow_pickle=True)",
      oldName: "old.npy", names: ["conv1/0", "conv1/1"]),
    Refused(
      testDescription: "a plain pickle",
      program: "import pickle; pickle.dump({'fc': {'weight': numpy.ones((2, 3), 'f4')}, "
        + "'b': numpy.ones(3, 'f4')}, open('old.pkl', 'wb'))",
      oldName: "old.pkl", names: ["fc/weight", "b"]),
  ]

  @Test(
    .enabled(if: hasTorch, "needs a python3 with PyTorch in PATH"), arguments: torchFiles)
  func pyTorch(_ refused: Refused) throws { try check(refused, imports: "torch") }

  @Test(
    .enabled(if: Python.isPresent, Comment(rawValue: Python.absence)), arguments: numPyFiles)
  func numPy(_ refused: Refused) throws { try check(refused, imports: "numpy") }

  static let hasTorch = (try? Python.run("import torch")) != nil

  private func check(_ refused: Refused, imports: String) throws {
    try withTemporaryPath(refused.oldName) { path in
      let folder = path.removingLastComponent().string
      _ = try Python.run(
        "import os, sys, \(imports); os.chdir(sys.argv[1]); " + refused.program, folder)
      let error = #expect(throws: CNNError.self) { try WeightsFile.read(path) }
      let remedy = try #require(error?.remedy?.text)
      let line = try #require(remedy.range(of: "python3 -c '").map { remedy[$0.lowerBound...] })
      try shell(String(line), in: folder)
      let new = path.removingLastComponent().appending(imports == "torch" ? "new.pth" : "new.npz")
      let arrays = try WeightsFile.read(new)
      #expect(arrays.names == refused.names)
      #expect(arrays.contains { $0.shape.count == 2 && $0.count == 6 })
    }
  }

  private func shell(_ line: String, in folder: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", line]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(line)")
  }
}
