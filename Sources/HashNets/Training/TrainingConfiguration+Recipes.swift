extension TrainingConfiguration {
    /// The settings that the shipped models were trained with.
    ///
    /// Those of the papers' models learn from 5,000 images in well under an hour on one core. The papers' losses and
    /// networks are kept; their slow plain descent is not: fitted start weights, Adam with centralised gradients, one
    /// cycle of the rate. DNNH's margin grows with the code, q/4: at 1 a fresh network soon satisfies it best by making
    /// all codes equal. Our own recipes share a network, and descend with momentum as such networks like it.
    public init(_ recipe: TrainingRecipe, bits: Int = 48) {
        switch recipe {
        case .cnnh, .cnnhPlus:
            self.init(adaptive: recipe, bits: bits, epochs: 60, rate: 1e-3)
            warmUp = 0.15
            augmentation.cutout = 8
        case .dnnh:
            self.init(adaptive: recipe, bits: bits, epochs: 50, rate: 5e-4)
            warmUp = 0.1
            margin = Double(bits) / 4
            cropSide = 24
            croppedShare = 0.7
        case .twoStage, .triplet, .views:
            self.init(residual: recipe, bits: bits)
        }
    }

    private init(adaptive recipe: TrainingRecipe, bits: Int, epochs: Int, rate: Double) {
        self.recipe = recipe
        self.bits = bits
        self.epochs = epochs
        self.rate = rate
        method = .adam
        decay = 0.02
        centralizesGradients = true
        fitsInitialization = true
    }

    private init(residual recipe: TrainingRecipe, bits: Int) {
        self.recipe = recipe
        self.bits = bits
        epochs = recipe == .views ? 20 : 110
        rate = 0.12
        method = .nesterov
        decay = 1e-3
        averageDecay = 0.998
        augmentation.cutout = 12
        strongShare = 0.8
        averagesMirror = true
        labelWeight = 0.5
        margin = Double(bits) / 4
    }
}

extension TrainingConfiguration {
    /// Throws `settingInvalid` for values outside their range.
    public func check() throws {
        let require = LearningError.require
        try require((1...1024).contains(bits), "bits", "is \(bits), must be from 1 to 1024")
        try require((1...1_000_000).contains(epochs), "epochs", "is \(epochs), must be from 1 to 1000000")
        try require(
            (4...65_536).contains(batch), "batch",
            "is \(batch), must be from 4, for two images of two classes, to 65536")
        try require(labelledPerClass >= 2, "labelledPerClass", "is \(labelledPerClass), must be at least 2")
        try require(queriesPerClass >= 0, "queriesPerClass", "is \(queriesPerClass), must not be negative")
        try require(
            validationPerClass >= 0 && (validationPerClass == 0 || recipe.isSupervised), "validation",
            "is \(validationPerClass), must not be negative, and 0 for recipes without labels")
        try require(
            patience == 0 || patience > 0 && validationPerClass > 0, "patience",
            "is \(patience), must not be negative, and 0 without images for validation")
        try require((0...4096).contains(threads), "threads", "is \(threads), must be from 0 to 4096")
        try require(rate > 0 && rate.isFinite, "rate", "is \(rate), must be positive")
        try require(decay >= 0 && decay.isFinite, "decay", "is \(decay), must not be negative")
        try require((0..<1).contains(momentum), "momentum", "is \(momentum), must be at least 0 and below 1")
        try require((0..<1).contains(warmUp), "warmUp", "is \(warmUp), must be at least 0 and below 1")
        try require(
            (0..<1).contains(averageDecay), "averageDecay", "is \(averageDecay), must be at least 0 and below 1")
        try require(
            (0..<1).contains(labelSmoothing), "labelSmoothing", "is \(labelSmoothing), must be at least 0 and below 1")
        try require(cosineScale > 0 && cosineScale.isFinite, "cosineScale", "is \(cosineScale), must be positive")
        try require((0...1).contains(cosineMargin), "cosineMargin", "is \(cosineMargin), must be from 0 to 1")
        try require((1...512).contains(width), "width", "is \(width), must be from 1 to 512")
        try require((0...1).contains(strongShare), "strongShare", "is \(strongShare), must be from 0 to 1")
        try require(margin > 0 && margin.isFinite, "margin", "is \(margin), must be positive")
        try require(sweeps >= 1, "sweeps", "is \(sweeps), must be at least 1")
        try require((0...1).contains(croppedShare), "croppedShare", "is \(croppedShare), must be from 0 to 1")
        try require(
            cropSide == 0 || recipe == .dnnh && cropSide >= 8, "cropSide",
            "is \(cropSide), must be 0, or at least 8 for dnnh; the other networks see whole images only")
        try require(
            recipe != .views || batch.isMultiple(of: 2), "batch", "is \(batch), must be even for two views an image")
        try augmentation.check()
        try strongAugmentation.check()
        try checkNetwork()
        try consistency.check()
    }

    /// One line with every setting that a model depends on, for metadata and to tell checkpoints apart.
    var summary: String {
        var parts = ["\(recipe.rawValue)", "bits \(bits)", "seed \(seed)", "epochs \(epochs)", "batch \(batch)"]
        parts += [
            "labelled \(labelledPerClass == .max ? "all" : "\(labelledPerClass)")", "queries \(queriesPerClass)",
            "\(method.rawValue) \(rate)",
        ]
        parts += ["\(schedule.rawValue) \(warmUp)", "momentum \(momentum)", "decay \(decay)", "bias rate \(biasRate)"]
        parts += ["norm \(largestNorm)", "centralized \(centralizesGradients)", "dropout \(dropout)"]
        parts += ["fitted \(fitsInitialization)", "shift \(augmentation.shift)", "mirror \(augmentation.mirrors)"]
        parts += ["cut-out \(augmentation.cutout)", "contrast \(augmentation.contrast)"]
        parts += ["crop \(cropSide) for \(croppedShare)"]
        if usesTestPart { parts.append("test part") }
        if validationPerClass > 0 { parts.append("validation \(validationPerClass), patience \(patience)") }
        if !mixedPrecision { parts.append("single precision") }
        parts += networkSummary
        switch recipe {
        case .cnnh: parts += ["sweeps \(sweeps)", "codebook \(codebook)"]
        case .cnnhPlus: parts += ["sweeps \(sweeps)", "codebook \(codebook)", "label weight \(labelWeight)"]
        case .dnnh: parts += ["margin \(margin)", "threshold interval \(thresholdInterval)"]
        case .twoStage, .triplet, .views: parts += ownSummary
        }
        return parts.joined(separator: ", ")
    }

    private var ownSummary: [String] {
        var parts = [
            "width \(width)", "average \(averageDecay)", "mirror average \(averagesMirror)",
            "strong \(strongAugmentation.summary)",
        ]
        if recipe != .twoStage { parts.append("margin \(margin)") }
        guard recipe.isSupervised else { return parts }
        parts += [
            "strong for \(strongShare)", "label weight \(labelWeight)",
            "smoothing \(labelSmoothing)",
        ]
        return parts + ["cosine scale \(cosineScale)", "cosine margin \(cosineMargin)"]
    }
}
