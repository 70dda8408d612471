/// What a training minimises: a loss of the network's outputs for the rows of a batch.
package enum TrainingObjective {
    /// CNNH and CNNH+: target bits of each labelled image.
    case codes(CodeLoss, targets: [Float])
    /// DNNH: triplets of each batch; the threshold band shrinks every `thresholdInterval` steps.
    case triplets(TripletLoss, thresholdInterval: Int)
    /// Ours: codewords and labels, with or without triplets beside.
    case codewords(CodewordLoss, triplets: LogitTripletLoss?, smoothing: Float)
    /// Several labels an image: target bits of stage 1, and the labels beside, of each labelled image.
    case labelSets(MultiLabelLoss, targets: [Float], sets: [Set<Int>])
    /// Views of one image against those of others.
    case views(LogitTripletLoss)

    /// What is known of a row: its labelled image, if it shows one; its label, given or guessed; its share of the loss.
    package struct Row: Sendable {
        var item: Int?
        var label: Int
        var weight: Float

        package init(item: Int?, label: Int, weight: Float) {
            self.item = item
            self.label = label
            self.weight = weight
        }
    }

    /// A batch-normalised logit of ±1 is nearly a bit at this slope of the logistic function.
    private static let slope: Float = 2

    /// Weight of one of several labels' losses, in units of the weight of a single label's.
    private static let shareOfALabel = 0.2

    /// Runs stage 1 where the recipe has one. Throws `severalLabels` for recipes that need one class an image.
    package init(_ configuration: TrainingConfiguration, labelled: LabelledImages) throws {
        let (bits, labels, classes) = (configuration.bits, labelled.labels, labelled.classNames.count)
        if labelled.haveSeveralLabels, configuration.recipe != .views {
            guard configuration.recipe.takesSeveralLabels else {
                throw LearningError.severalLabels(by: "recipe \(configuration.recipe.rawValue)")
            }
            let loss = MultiLabelLoss(
                bits: bits, classes: configuration.recipe == .cnnh ? 0 : classes,
                labelWeight: Float(configuration.labelWeight * Self.shareOfALabel))
            let groups = SimilarityGroups(labelSets: labelled.labelSets)
            self = .labelSets(
                loss, targets: Self.targets(configuration, groups: groups), sets: labelled.labelSets)
            return
        }
        let triplet = TripletLoss(bits: bits, margin: Float(configuration.margin))
        let logitTriplet = LogitTripletLoss(triplet: triplet, slope: Self.slope)
        switch configuration.recipe {
        case .cnnh, .cnnhPlus:
            let loss = CodeLoss(
                bits: bits, classes: configuration.recipe == .cnnhPlus ? classes : 0,
                labelWeight: Float(configuration.labelWeight))
            self = .codes(loss, targets: Self.targets(configuration, groups: SimilarityGroups(labels: labels)))
        case .dnnh:
            self = .triplets(triplet, thresholdInterval: configuration.thresholdInterval)
        case .twoStage, .triplet:
            let codebook = Codebook(classes: classes, bits: bits, seed: configuration.seed)
            let loss = CodewordLoss(
                codewords: codebook.codes, scale: Float(configuration.cosineScale),
                margin: Float(configuration.cosineMargin), labelWeight: Float(configuration.labelWeight))
            self = .codewords(
                loss, triplets: configuration.recipe == .triplet ? logitTriplet : nil,
                smoothing: Float(configuration.labelSmoothing))
        case .views:
            self = .views(logitTriplet)
        }
    }

    private static func targets(_ configuration: TrainingConfiguration, groups: SimilarityGroups) -> [Float] {
        let (bits, sweeps, seed) = (configuration.bits, configuration.sweeps, configuration.seed)
        let code: (Int) -> [Bool]
        if configuration.codebook {
            code = Codebook(groups: groups, bits: bits, sweeps: sweeps, seed: seed).bits(of:)
        } else {
            code = SimilarityCodes(groups: groups, bits: bits, sweeps: sweeps, seed: seed).bits(of:)
        }
        return (0..<groups.itemCount).flatMap { code($0).map { $0 ? 1 : 0 } }
    }

    /// The loss of one batch and its gradient by the logits. In consistency training targets are not smoothed: there
    /// the guesses of other images keep the network from being too sure.
    package func evaluate(logits: [Float], rows: [Row], step: Int, isConsistent: Bool) -> LossValue {
        let labels = rows.map(\.label)
        switch self {
        case .codes(let loss, let targets):
            let rows = rows.flatMap { row in
                row.item.map { targets[$0 * loss.bits..<($0 + 1) * loss.bits] } ?? []
            }
            return loss.evaluate(logits: logits, targets: rows, labels: labels)
        case .labelSets(let loss, let targets, let sets):
            let items = rows.compactMap(\.item)
            return loss.evaluate(
                logits: logits, targets: items.flatMap { targets[$0 * loss.bits..<($0 + 1) * loss.bits] },
                sets: items.map { sets[$0] })
        case .triplets(let loss, let interval):
            let threshold = PiecewiseThreshold(step: step, interval: interval)
            return LogitTripletLoss(triplet: loss, threshold: threshold)
                .evaluateBatch(logits: logits, labels: labels).loss
        case .views(let loss):
            return loss.evaluateBatch(logits: logits, labels: labels).loss
        case .codewords(let loss, let triplets, let smoothing):
            let smoothing = isConsistent ? 0 : smoothing
            var value = loss.evaluate(
                logits: logits, targets: Self.probabilities(labels, classes: loss.classes, smoothing: smoothing),
                weights: rows.map(\.weight))
            if let triplets {
                Self.add(triplets, of: rows, logits: logits, outputs: loss.bits + loss.classes, to: &value)
            }
            return value
        }
    }

    /// 1 for the label and 0 for others, less what smoothing spreads evenly over all.
    private static func probabilities(_ labels: [Int], classes: Int, smoothing: Float) -> [Float] {
        let floor = smoothing / Float(classes)
        var probabilities = [Float](repeating: floor, count: labels.count * classes)
        for (row, label) in labels.enumerated() { probabilities[row * classes + label] += 1 - smoothing }
        return probabilities
    }

    /// Adds the triplets of the rows that count, in units of the margin.
    private static func add(
        _ loss: LogitTripletLoss, of rows: [Row], logits: [Float], outputs: Int, to value: inout LossValue
    ) {
        let bits = loss.triplet.bits
        let chosen = rows.indices.filter { rows[$0].weight > 0 }
        let codes = chosen.flatMap { logits[$0 * outputs..<$0 * outputs + bits] }
        let triplets = loss.evaluateBatch(logits: codes, labels: chosen.map { rows[$0].label }).loss
        value.value += triplets.value / Double(loss.triplet.margin)
        for (place, row) in chosen.enumerated() {
            for bit in 0..<bits {
                value.gradient[row * outputs + bit] += triplets.gradient[place * bits + bit] / loss.triplet.margin
            }
        }
    }
}
