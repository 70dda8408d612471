import ArgumentParser
import HashNets

/// What `train` makes: a network, or random projections that need no labels.
enum TrainableModel: String, CaseIterable, ExpressibleByArgument {
    case cnnh
    case cnnhPlus = "cnnh+"
    case dnnh
    case lsh
    case bolsh

    /// The network's family; nil for random projections.
    var family: ModelFamily? { ModelFamily(rawValue: rawValue) }
}
