import CNNCore
import CNNSystem
import Testing

/// The tests of kernels run with `KernelSet.available`; these say which kernels that leaves out here.
@Suite struct KernelSetTests {
  @Test func genericKernelsAreTested() {
    #expect(KernelSet.available.starts(with: [.blas, .generic]))
  }

  @Test(.enabled(if: KernelSet.avx2.isAvailable, "needs a processor with AVX2, FMA and F16C"))
  func avx2KernelsAreTested() { #expect(KernelSet.available.contains(.avx2)) }

  @Test(.enabled(if: KernelSet.avx512.isAvailable, "needs a processor with AVX-512"))
  func avx512KernelsAreTested() { #expect(KernelSet.available.last == .avx512) }

  @Test func unknownKernelsAreRefused() throws {
    for name in ["avx1024", "AVX2", ""] {
      let error = try #require(throws: CNNError.self) { try KernelSet(named: name) }
      #expect(error.code == .unknown && error.found == name)
    }
    for kernels in KernelSet.available {
      #expect(try KernelSet(named: kernels.rawValue) == kernels)
    }
  }

  @Test func precisions() {
    for kernels in KernelSet.allCases where kernels != .avx512 { #expect(!kernels.computes(.bf16)) }
    #expect(!KernelSet.blas.computes(.halfFC))
    #expect(KernelSet.allCases.allSatisfy { $0.computes(.fp32) })
  }
}
