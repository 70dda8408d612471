/// The large networks that the papers cite, for photographs; without one, recipes train their network for small images.
public enum TrainingNetwork: String, Sendable, CaseIterable {
    /// Krizhevsky's network of 2012 with the outputs of CNNH or CNNH+: 57 million weights at 48 bits.
    case alexNet = "alexnet227"
    /// The network in network of Table 1 of DNNH's paper: 7.8 million weights at 48 bits.
    case networkInNetwork = "nin224"

    /// Rows and columns of the images that the network was made for.
    public var side: Int {
        switch self {
        case .alexNet: Architecture.alexNetInput.height
        case .networkInNetwork: Architecture.networkInNetworkInput.height
        }
    }

    /// The recipes whose outputs and loss it has.
    public var recipes: [TrainingRecipe] {
        switch self {
        case .alexNet: [.cnnh, .cnnhPlus]
        case .networkInNetwork: [.dnnh]
        }
    }
}

extension TrainingConfiguration {
    /// The settings of a recipe on a large network.
    ///
    /// They start from the recipe's own. Of what was chosen for images of 32 × 32, the batch is smaller, the rate is
    /// lower, images are shifted by as much as Krizhevsky's crops were, nothing is cut out, and dropout is on where the
    /// network has it.
    public init(_ recipe: TrainingRecipe, on network: TrainingNetwork, bits: Int = 48) {
        self.init(recipe, bits: bits)
        self.network = network
        batch = 64
        rate /= 4
        dropout = true
        cropSide = 0
        augmentation.shift = 14
        augmentation.cutout = 0
    }

    /// The recipe's network.
    func architecture(classes: Int, input: ImageShape) throws -> Architecture {
        if let network { return try large(network, classes: classes, input: input) }
        return switch recipe {
        case .cnnh: try .cnnh(bits: bits, input: input)
        case .cnnhPlus: try .cnnhPlus(bits: bits, classes: classes, input: input)
        case .dnnh: try .dnnh(bits: bits, input: input, fullConnection: fullConnection)
        case .twoStage, .triplet: try .residual(bits: bits, classes: classes, input: input, widths: widths)
        case .views: try .residual(bits: bits, classes: 0, input: input, widths: widths)
        }
    }

    private func large(_ network: TrainingNetwork, classes: Int, input: ImageShape) throws -> Architecture {
        switch network {
        case .alexNet:
            try .alexNet(
                bits: bits, classes: recipe == .cnnhPlus ? classes : 0, input: input,
                widths: networkWidths ?? Architecture.alexNetWidths)
        case .networkInNetwork:
            try .networkInNetwork(
                bits: bits, input: input, fullConnection: fullConnection,
                widths: networkWidths ?? Architecture.networkInNetworkWidths)
        }
    }

    /// Filter counts of the residual network, doubled at each pooling.
    private var widths: [Int] { (0..<4).map { width << $0 } }

    /// Throws `settingInvalid` for a network that the recipe does not train.
    func checkNetwork() throws {
        guard let network else {
            return try LearningError.require(
                networkWidths == nil, "networkWidths", "are given without a network; set network too")
        }
        try LearningError.require(
            network.recipes.contains(recipe), "network",
            "is \(network.rawValue), which has the outputs of \(network.recipes.map(\.rawValue).joined(separator: " and ")), "
                + "not of \(recipe.rawValue)")
    }

    /// What distinguishes a training on a large network; nothing for others.
    var networkSummary: [String] {
        guard let network else { return [] }
        return ["network \(network.rawValue)"]
            + (networkWidths.map { ["widths \($0.map(String.init).joined(separator: " "))"] } ?? [])
    }
}
