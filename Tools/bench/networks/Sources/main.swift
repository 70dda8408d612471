import Foundation
import HashNets

// networkbench SECONDS THREADS [CASE …] wall|cpu: images a second of a network, one line for each case that compare.py
// measures with PyTorch too; `cpu` divides by the time that the process computed, for busy machines.
// networkbench kernels: what computes each step.
// The network is residual32, or what the variable NETWORK names: alexnet227 or nin224; other names are refused
// with exit status 64.

/// Ends the program with one line on what was wrong with its arguments.
func refuse(_ text: String) -> Never {
    FileHandle.standardError.write(Data("networkbench: \(text)\n".utf8))
    exit(64)
}

let arguments = CommandLine.arguments.dropFirst()
let networkName = ProcessInfo.processInfo.environment["NETWORK"] ?? "residual32"
let architecture =
    switch networkName {
    case "residual32": try Architecture.residual(bits: 48, classes: 10)
    case "alexnet227": try Architecture.alexNet(bits: 48, classes: 10)
    case "nin224": try Architecture.networkInNetwork(bits: 48)
    default: refuse("NETWORK is \(networkName); it can be residual32, alexnet227 or nin224")
    }
let seconds = Double(arguments.first ?? "") ?? 3
let threads = Int(arguments.dropFirst().first ?? "") ?? 2
let usesProcessTime = arguments.last == "cpu"

/// Seconds since some start.
func now() -> Double {
    var time = timespec()
    clock_gettime(usesProcessTime ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Numbers of N(0, 1) for so many images.
func randomImages(_ count: Int) -> [Float] {
    var generator = SeededGenerator(seed: 1)
    return (0..<count * architecture.input.count).map { _ in Float(generator.nextNormal()) }
}

/// Median images a second of a pass, repeated after a warm-up until the time is up.
func imagesPerSecond(_ images: Int, _ pass: () throws -> Void) rethrows -> Double {
    for _ in 0..<3 { try pass() }
    var times: [Double] = []
    let end = now() + seconds
    while now() < end || times.count < 5 {
        let start = now()
        try pass()
        times.append(now() - start)
    }
    return Double(images) / times.sorted()[times.count / 2]
}

func forward(batch: Int, arithmetic: Network.Arithmetic = .single) throws -> Double {
    let network = try Network(
        architecture, batch: batch, arithmetic: arithmetic, threads: batch == 1 ? 1 : threads)
    let images = randomImages(batch)
    return try imagesPerSecond(batch) { _ = try network.forward(images) }
}

/// Forward and backward pass of the loss ½ Σ logit², and one update.
func step(batch: Int, arithmetic: Network.Arithmetic) throws -> Double {
    let network = try Network(architecture, batch: batch, training: true, arithmetic: arithmetic, threads: threads)
    var settings = OptimizerSettings()
    settings.decay = 1e-3
    let optimizer = Optimizer(network.parameters, settings: settings)
    let images = randomImages(batch)
    return try imagesPerSecond(batch) {
        try network.backward(network.forward(images))
        try optimizer.step(rate: 1e-6)
    }
}

func printKernels() throws {
    for (training, arithmetic) in [(false, Network.Arithmetic.single), (true, .single), (true, .mixed)] {
        let network = try Network(architecture, batch: 64, training: training, arithmetic: arithmetic, threads: 1)
        print(network.engineName, training ? "training" : "inference")
        for kernel in network.kernels { print("  \(kernel)") }
    }
}

try ComputeThread.shared.run {
    guard arguments.first != "kernels" else { return try printKernels() }
    let cases: [(String, () throws -> Double)] = [
        ("forward 64", { try forward(batch: 64) }), ("forward 1", { try forward(batch: 1) }),
        ("forward 64 mixed", { try forward(batch: 64, arithmetic: .mixed) }),
        ("forward 1 mixed", { try forward(batch: 1, arithmetic: .mixed) }),
        ("step single", { try step(batch: 64 * threads, arithmetic: .single) }),
        ("step mixed", { try step(batch: 64 * threads, arithmetic: .mixed) }),
    ]
    for (name, measure) in cases where arguments.count <= 3 || arguments.contains(name) {
        print("\(name): \(try measure())")
    }
}
