import ArgumentParser
import HashNets

/// How `train` makes a model: by training a network, or without one.
enum RecipeName: String, CaseIterable, ExpressibleByArgument {
    case twoStage = "two-stage"
    case triplet
    case views
    case cnnh
    case cnnhPlus = "cnnh+"
    case dnnh
    case ksh
    case lsh
    case bolsh

    /// The network's recipe; nil where there is none.
    var training: TrainingRecipe? { TrainingRecipe(rawValue: rawValue) }
}

extension TrainingNetwork: ExpressibleByArgument {}
