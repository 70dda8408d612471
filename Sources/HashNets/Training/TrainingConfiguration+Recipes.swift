extension TrainingConfiguration {
    /// The settings that the shipped models were trained with.
    ///
    /// Those of the papers' models learn from 5,000 images in well under an hour on one core. The papers' networks are kept, and CNNH's targets
    /// and DNNH's triplets; the rest is ours: fitted start weights, Adam with centralised gradients, one cycle of the rate, shifted, mirrored and
    /// cut images, no dropout. CNNH's paper does not state the loss of its second stage; here it is the cross-entropy of each bit. DNNH's margin
    /// grows with the code, q/4: at 1 a fresh network soon satisfies it best by making all codes equal; its threshold does not narrow unless
    /// `thresholdInterval` says so, and at first it sees crops. Our own recipes share a network, and descend with momentum as such networks like it.
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

    /// Labelled images of a class that the settings of our own recipes were chosen for.
    private static let usualPerClass = 500.0

    /// Adapts our own recipes that learn from labels to many of them; other settings stay as they are.
    ///
    /// What keeps a network from learning a few hundred images of a class by heart costs it what thousands could teach: with n
    /// labelled images of a class, n > 500, passes, weight decay and the share of strongly changed images fall by √(500/n).
    /// Set `epochs` after it to choose them yourself.
    ///
    /// - Parameter images: the images that a trainer will be given; how many are labelled follows from the other settings.
    /// - Throws: `LearningError` for images that cannot be split.
    public mutating func adapt(to images: LabelledImages) throws {
        guard recipe == .twoStage || recipe == .triplet, !images.haveSeveralLabels else { return }
        let labelled = try Trainer.split(images, self).labelled.count
        let perClass = Double(labelled) / Double(max(images.classNames.count, 1))
        guard perClass > Self.usualPerClass else { return }
        let share = (Self.usualPerClass / perClass).squareRoot()
        epochs = max(1, Int((Double(epochs) * share).rounded()))
        decay *= share
        strongShare *= share
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
