import CNNCore
import CNNKit
import CNNSystem
import Foundation
import Testing

/// A network comes back from JSON as it was, and a file cannot make an impossible one.
@Suite struct NetworkCodingTests {
  @Test(arguments: CNNModel.allCases.map(\.name))
  func everyNetworkComesBackAsItWas(_ name: String) throws {
    let network = try CNNModel(named: name).network()
    let data = try JSONEncoder().encode(network)
    #expect(try JSONDecoder().decode(Network.self, from: data) == network)
  }

  @Test func whatIsNoNetworkIsRefused() throws {
    let relu = #"{"name": "a", "layer": {"kind": "relu"}, "inputs": ["input"]}"#
    let pool = #"{"kind": "maxPool", "kernel": [9, 9], "stride": [1, 1], "padding": "valid"}"#
    let broken = [
      #"{"name": "x", "input": [3, 8], "nodes": [\#(relu)]}"#,
      #"{"name": "x", "input": [3, 8, 0], "nodes": [\#(relu)]}"#,
      #"{"name": "x", "input": [3, 8, 8], "nodes": []}"#,
      #"{"name": "x", "input": [3, 8, 8], "nodes": [\#(relu), \#(relu)]}"#,
      #"{"name": "x", "input": [3, 8, 8], "nodes": [{"name": "b", "layer": {"kind": "relu"}, "inputs": ["c"]}]}"#,
      #"{"name": "x", "input": [3, 8, 8], "nodes": [{"name": "b", "layer": {"kind": "relu"}, "inputs": []}]}"#,
      #"{"name": "x", "input": [3, 8, 8], "nodes": [{"name": "b", "layer": {"kind": "wave"}, "inputs": ["input"]}]}"#,
      #"{"name": "x", "input": [3, 8, 8], "nodes": [{"name": "b", "layer": {"kind": "linear", "outputs": -1}, "inputs": ["input"]}]}"#,
      #"{"name": "x", "input": [3, 8, 8], "nodes": [{"name": "b", "layer": \#(pool), "inputs": ["input"]}]}"#,
    ]
    for json in broken {
      #expect(throws: (any Error).self, "\(json)") {
        try JSONDecoder().decode(Network.self, from: Data(json.utf8))
      }
    }
  }
}
