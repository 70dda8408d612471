/// Everything that decides what a training computes: equal configurations, images and numbers of threads give equal
/// models on one machine.
public struct TrainingConfiguration: Hashable, Sendable {
    /// What is trained, and how.
    public var recipe: TrainingRecipe
    /// A large network to train in place of the recipe's own; see `init(_:on:bits:)` for settings that suit one.
    public var network: TrainingNetwork?
    /// Filter counts of that network where they are not those of its paper: seven for `alexNet`, namely of five
    /// convolutions and two full connections; five for `networkInNetwork`, of four blocks and the features for each bit.
    public var networkWidths: [Int]?
    /// q, the length of a code.
    public var bits: Int
    /// Seeds the split, the start weights, the order of images and their augmentation.
    public var seed: UInt64 = 1
    /// Passes over the labelled images.
    public var epochs: Int
    /// Labelled images per step.
    public var batch = 100
    /// Labelled images of each class that training sees, at most; the papers' P1 has 500. In all where images have
    /// several labels each; so are the queries.
    public var labelledPerClass = 500
    /// Images of each class that are kept apart as queries for the evaluation, at most; the papers' P1 has 100.
    public var queriesPerClass = 100
    /// Whether the data's own part for tests is kept apart instead, and all other images are labelled: protocol P2.
    public var usesTestPart = false
    /// Labelled images of each class, at most, that are not learned from but judge the model about ten times on the way,
    /// so that the best weights are kept rather than the last; in all where images have several labels. 0 for none.
    public var validationPerClass = 0
    /// Validations in a row that find nothing better, after which training ends; counted in its last phase. 0 for never.
    public var patience = 0
    /// Threads that compute the network; 0 is one for each core.
    ///
    /// A batch is computed in as many equal parts, of eight images at least. In networks with batch normalisation an image is seen with the
    /// statistics of its part alone, so that another number of threads makes another model; without it, the last digits differ.
    public var threads = 0

    /// Whether passes are computed in bfloat16 where the CPU is faster at that; weights are single precision always.
    public var mixedPrecision = true

    /// How gradients change the weights.
    public var method: OptimizerMethod
    /// The highest learning rate.
    public var rate: Double
    /// The learning rate's course.
    public var schedule = LearningRateSchedule.oneCycle
    /// Share of the steps in which the rate rises.
    public var warmUp = 0.2
    /// Momentum, or Adam's β₁.
    public var momentum = 0.9
    /// Weight decay; biases have none.
    public var decay: Double
    /// Multiple of the rate at which biases learn.
    public var biasRate = 1.0
    /// Gradients of a larger norm are scaled down to it; 0 for never.
    public var largestNorm = 0.0
    /// Whether the gradient of each output's weights is made to sum to zero.
    public var centralizesGradients = false
    /// Share of the weights' running average that a step leaves, where the average is the model; 0 for no average.
    public var averageDecay = 0.0
    /// Whether the network drops values in training where its architecture says so.
    public var dropout = false
    /// Whether each layer's weights are scaled, before the first step, so that its outputs on some images have mean 0
    /// and deviation 1.
    public var fitsInitialization = false
    /// Random changes of the images.
    public var augmentation = Augmentation()
    /// Strong random changes, of unlabelled images and of each second batch of labelled ones.
    public var strongAugmentation = StrongAugmentation()
    /// Share of the epochs, the first ones, in which each second batch of labelled images is changed strongly.
    public var strongShare = 0.0
    /// In the first `croppedShare` of the epochs the network sees random crops of this side, which is faster; 0 for
    /// whole images throughout.
    public var cropSide = 0
    /// Share of the epochs that see crops.
    public var croppedShare = 0.6
    /// Whether the model adds the logits of an image and of its mirror image before it takes their signs.
    public var averagesMirror = false

    /// Filters of the first layer of our recipes' network; each pooling doubles them.
    public var width = 32
    /// Whether all features lead to all bits of DNNH's networks, the paper's comparison, in place of divide-and-encode.
    public var fullConnection = false
    /// Sweeps of CNNH's stage 1, T of its algorithm 1.
    public var sweeps = 5
    /// Whether stage 1 ends with one code per class, the best codebook of several starts; not in the paper.
    public var codebook = false
    /// λ, the weight of the label loss beside that of the codes; of images with several labels a fifth of it counts, as each has a loss of its own.
    public var labelWeight = 1.0
    /// Margin of the triplets in squared distance; DNNH's paper has 1 for every q.
    public var margin = 1.0
    /// Steps after which DNNH's threshold band shrinks by a fifth, again and again; 0 for never.
    public var thresholdInterval = 0
    /// Probability that targets of our recipes spread evenly over all classes.
    public var labelSmoothing = 0.1
    /// Factor on the cosines between codes and codewords.
    public var cosineScale = 8.0
    /// By how much the cosine to the own codeword must be larger than to others.
    public var cosineMargin = 0.2

    /// Whether the labelled folder's images beyond `labelledPerClass` and the queries are learned from without their
    /// labels.
    public var usesRest = false
    /// How unlabelled images are learned from, where there are any.
    public var consistency = ConsistencySettings()

    /// Whether images differ from their mirror images only by chance: false for digits and text. It governs all
    /// augmentation, and the mirror average of models.
    public var mirrors: Bool {
        get { augmentation.mirrors }
        set {
            augmentation.mirrors = newValue
            strongAugmentation.mirrors = newValue
            if !newValue { averagesMirror = false }
        }
    }
}
