extension TrainingConfiguration {
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
        case .dnnh:
            parts += ["margin \(margin)", "threshold interval \(thresholdInterval)"]
            if fullConnection { parts.append("full connection") }
        case .twoStage, .triplet, .views: parts += ownSummary
        }
        return (parts + unusualSummary).joined(separator: ", ")
    }

    /// Settings that a recipe seldom has other than they are, and which are not named otherwise.
    private var unusualSummary: [String] {
        let usual = TrainingConfiguration(recipe, bits: bits)
        var parts: [String] = []
        switch recipe {
        case .cnnh, .cnnhPlus, .dnnh:
            if averageDecay != usual.averageDecay { parts.append("average \(averageDecay)") }
            if averagesMirror != usual.averagesMirror { parts.append("mirror average \(averagesMirror)") }
            if strongShare != usual.strongShare {
                parts.append("strong \(strongAugmentation.summary) for \(strongShare)")
            }
        case .twoStage:
            if sweeps != usual.sweeps { parts.append("sweeps \(sweeps)") }
            if codebook != usual.codebook { parts.append("codebook \(codebook)") }
        case .triplet, .views: break
        }
        return parts
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
