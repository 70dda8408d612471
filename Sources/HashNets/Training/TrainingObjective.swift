/// What a training minimises: a loss of the network's outputs for some of the labelled images.
enum TrainingObjective {
    /// CNNH and CNNH+: target bits of each labelled image.
    case codes(CodeLoss, targets: [Float])
    /// DNNH: triplets of each batch; the threshold band shrinks every `thresholdInterval` steps.
    case triplets(TripletLoss, thresholdInterval: Int)

    /// Runs stage 1 where the family has one. Labels are those of the labelled images.
    init(_ configuration: TrainingConfiguration, labels: [Int], classes: Int) {
        let bits = configuration.bits
        switch configuration.family {
        case .cnnh, .cnnhPlus:
            let loss = CodeLoss(
                bits: bits, classes: configuration.family == .cnnhPlus ? classes : 0,
                labelWeight: Float(configuration.labelWeight))
            self = .codes(loss, targets: Self.targets(configuration, labels: labels))
        case .dnnh:
            self = .triplets(
                TripletLoss(bits: bits, margin: Float(configuration.margin)),
                thresholdInterval: configuration.thresholdInterval)
        }
    }

    private static func targets(_ configuration: TrainingConfiguration, labels: [Int]) -> [Float] {
        let groups = SimilarityGroups(labels: labels)
        let (bits, sweeps, seed) = (configuration.bits, configuration.sweeps, configuration.seed)
        let code: (Int) -> [Bool]
        if configuration.codebook {
            code = Codebook(groups: groups, bits: bits, sweeps: sweeps, seed: seed).bits(of:)
        } else {
            code = SimilarityCodes(groups: groups, bits: bits, sweeps: sweeps, seed: seed).bits(of:)
        }
        return labels.indices.flatMap { code($0).map { $0 ? 1 : 0 } }
    }

    /// The loss of one batch of labelled images and its gradient by the logits.
    func evaluate(logits: [Float], batch: [Int], labels: [Int], step: Int) -> LossValue {
        switch self {
        case .codes(let loss, let targets):
            let rows = batch.flatMap { targets[$0 * loss.bits..<($0 + 1) * loss.bits] }
            return loss.evaluate(logits: logits, targets: rows, labels: batch.map { labels[$0] })
        case .triplets(let loss, let interval):
            let threshold = PiecewiseThreshold(step: step, interval: interval)
            return LogitTripletLoss(triplet: loss, threshold: threshold)
                .evaluateBatch(logits: logits, labels: batch.map { labels[$0] }).loss
        }
    }
}
