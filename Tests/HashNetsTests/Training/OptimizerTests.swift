import HashNets
import Testing

private func parameter(_ values: [Float], role: ParameterRole = .weight) throws -> Parameter {
    let buffers = (AlignedBuffer<Float>(count: values.count), AlignedBuffer<Float>(count: values.count))
    let shape = role == .weight ? [1, values.count] : [values.count]
    let parameter = Parameter(name: "\(role)", shape: shape, role: role, value: buffers.0, gradient: buffers.1)
    try parameter.setValues(values)
    return parameter
}

private func setGradient(_ parameter: Parameter, _ values: [Float]) {
    parameter.withGradient { _ = $0.update(fromContentsOf: values) }
}

@Suite struct OptimizerTests {
    @Test(arguments: [OptimizerMethod.nesterov, .momentum])
    func descentFollowsTheTextbook(method: OptimizerMethod) throws {
        var settings = OptimizerSettings()
        settings.method = method
        settings.decay = 0.1
        settings.biasRate = 2
        let weight = try parameter([1])
        let bias = try parameter([1], role: .bias)
        let optimizer = Optimizer([weight, bias], settings: settings)
        var (value, velocity, biasValue, biasVelocity): (Float, Float, Float, Float) = (1, 0, 1, 0)
        for step in 0..<3 {
            setGradient(weight, [Float(step) + 1])
            setGradient(bias, [1])
            try optimizer.step(rate: 0.01)
            let slope = Float(step) + 1 + 0.1 * value
            velocity = 0.9 * velocity + slope
            biasVelocity = 0.9 * biasVelocity + 1
            value -= 0.01 * (method == .nesterov ? slope + 0.9 * velocity : velocity)
            biasValue -= 0.02 * (method == .nesterov ? 1 + 0.9 * biasVelocity : biasVelocity)
        }
        #expect(abs(try weight.values()[0] - value) < 1e-6)
        #expect(abs(try bias.values()[0] - biasValue) < 1e-6)
    }

    @Test func adamsFirstStepIsTheRateInTheSlopesDirection() throws {
        var settings = OptimizerSettings()
        settings.method = .adam
        settings.decay = 0
        let weight = try parameter([1, 1, 1])
        let optimizer = Optimizer([weight], settings: settings)
        setGradient(weight, [5, -0.001, 0])
        try optimizer.step(rate: 0.1)
        for (value, expected) in zip(try weight.values(), [0.9, 1.1, 1] as [Float]) {
            #expect(abs(value - expected) < 1e-4)
        }
    }

    @Test(arguments: OptimizerMethod.allCases)
    func everyMethodFindsTheBottomOfABowl(method: OptimizerMethod) throws {
        var settings = OptimizerSettings()
        settings.method = method
        settings.decay = 0
        let weight = try parameter([3, -2])
        let optimizer = Optimizer([weight], settings: settings)
        for _ in 0..<400 {
            let values = try weight.values()
            setGradient(weight, [values[0] - 1, 10 * (values[1] - 2)])
            try optimizer.step(rate: 0.02)
        }
        let values = try weight.values()
        #expect(abs(values[0] - 1) < 0.02 && abs(values[1] - 2) < 0.02)
    }

    @Test func longGradientsAreCutAndCentredOnesSumToZero() throws {
        var settings = OptimizerSettings()
        settings.method = .momentum
        settings.momentum = 0
        settings.decay = 0
        settings.largestNorm = 1
        let weight = try parameter([0, 0])
        setGradient(weight, [30, 40])
        try Optimizer([weight], settings: settings).step(rate: 1)
        let cut = try weight.values()
        #expect(abs(cut[0] + 0.6) < 1e-6 && abs(cut[1] + 0.8) < 1e-6)
        settings.largestNorm = 0
        settings.centralizes = true
        setGradient(weight, [1, 3])
        try weight.setValues([0, 0])
        try Optimizer([weight], settings: settings).step(rate: 1)
        #expect(try weight.values() == [1, -1])
    }

    @Test(arguments: OptimizerMethod.allCases)
    func scalesAndShiftsNeitherDecayNorAreCentred(method: OptimizerMethod) throws {
        var settings = OptimizerSettings()
        settings.method = method
        settings.decay = 0.5
        settings.biasRate = 2
        settings.centralizes = true
        for role in [ParameterRole.scale, .shift] {
            let resting = try parameter([1, 2], role: role)
            let moving = try parameter([0, 0], role: role)
            setGradient(moving, [1, 3])
            try Optimizer([resting, moving], settings: settings).step(rate: 0.1)
            #expect(try resting.values() == [1, 2])
            let moved = try moving.values()
            #expect(moved.allSatisfy { $0 < -0.09 } && (method == .adam || abs(moved[1] - 3 * moved[0]) < 1e-5))
        }
    }

    @Test(arguments: LearningRateSchedule.allCases)
    func schedulesStayWithinZeroAndOneAndEndLow(schedule: LearningRateSchedule) {
        let factors = (0..<100).map { schedule.factor(step: $0, of: 100, warmUp: 0.2) }
        #expect(factors.allSatisfy { 0...1 ~= $0 })
        #expect(factors.max() ?? 0 > 0.99)
        #expect(schedule == .constant || factors[99] < 0.011)
    }
}

@Suite struct AugmentationTests {
    private let shape = ImageShape(channels: 3, height: 8, width: 8)
    private let preprocessing = Preprocessing(mean: [0.5, 0.4, 0.3], deviation: [0.2, 0.3, 0.4])

    private func apply(_ augmentation: Augmentation, seed: UInt64, side: Int = 8) -> [Float] {
        let pixels = (0..<shape.count).map { UInt8($0) }
        let output = ImageShape(channels: 3, height: side, width: side)
        var values = [Float](repeating: .nan, count: output.count)
        var generator = SeededGenerator(seed: seed)
        pixels.withUnsafeBufferPointer { pixels in
            values.withUnsafeMutableBufferPointer { values in
                augmentation.apply(
                    pixels, shape: shape, preprocessing: preprocessing, output: output, into: values, using: &generator)
            }
        }
        return values
    }

    private var plain: [Float] {
        var planes = [Float](repeating: 0, count: shape.count)
        (0..<shape.count).map { UInt8($0) }.withUnsafeBufferPointer {
            preprocessing.normalize($0, shape: shape, into: &planes)
        }
        return planes
    }

    @Test func noAugmentationIsTheNormalizationOfInference() {
        for (value, expected) in zip(apply(.none, seed: 1), plain) { #expect(abs(value - expected) < 1e-5) }
    }

    @Test func mirrorsHalfOfTheImages() {
        var augmentation = Augmentation.none
        augmentation.mirrors = true
        let rows = (0..<100 as Range<UInt64>).map { Array(apply(augmentation, seed: $0)[0..<8]) }
        let mirrored = rows.count { zip($0, plain[0..<8].reversed()).allSatisfy { abs($0 - $1) < 1e-5 } }
        let kept = rows.count { zip($0, plain[0..<8]).allSatisfy { abs($0 - $1) < 1e-5 } }
        #expect(mirrored + kept == 100 && 30...70 ~= mirrored)
    }

    @Test func shiftsReflectAtTheEdges() {
        var augmentation = Augmentation.none
        augmentation.shift = 4
        // A row of an image shifted by s shows the pixels |s|, …, 1, 0, 1, … from the left.
        let line = (0..<8).map { plain[$0] }
        for seed in 0..<40 as Range<UInt64> {
            let row = Array(apply(augmentation, seed: seed)[0..<8])
            let isShift = (0..<8).contains { topRow in
                (-4...4).contains { shift in
                    (0..<8).allSatisfy { column in
                        let source = abs(column + shift)
                        let reflected = source > 7 ? 14 - source : source
                        let offset = plain[topRow * 8] - plain[0]
                        return abs(row[column] - line[reflected] - offset) < 1e-4
                    }
                }
            }
            #expect(isShift)
        }
    }

    @Test func cutsASquareToTheMeanColour() {
        var augmentation = Augmentation.none
        augmentation.cutout = 4
        for seed in 0..<20 as Range<UInt64> {
            let zeros = apply(augmentation, seed: seed).count { $0 == 0 }
            #expect(zeros >= 3 * 4 && zeros <= 3 * 16)
        }
    }

    @Test func cropsAreWindowsOfTheImage() {
        let values = apply(.none, seed: 3, side: 5)
        let isWindow = (0...3).contains { top in
            (0...3).contains { left in
                (0..<25).allSatisfy { abs(values[$0] - plain[(top + $0 / 5) * 8 + left + $0 % 5]) < 1e-5 }
            }
        }
        #expect(isWindow)
    }

    @Test func equalSeedsGiveEqualImages() {
        #expect(apply(Augmentation(), seed: 4) == apply(Augmentation(), seed: 4))
        #expect(apply(Augmentation(), seed: 4) != apply(Augmentation(), seed: 5))
    }
}
