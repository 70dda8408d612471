import ArgumentParser
import HashNets

/// How `train` makes a model: by training a network, or of random projections that learn next to nothing.
enum RecipeName: String, CaseIterable, ExpressibleByArgument {
    case twoStage = "two-stage"
    case triplet
    case views
    case cnnh
    case cnnhPlus = "cnnh+"
    case dnnh
    case lsh
    case bolsh

    /// The network's recipe; nil for random projections.
    var training: TrainingRecipe? { TrainingRecipe(rawValue: rawValue) }
}
