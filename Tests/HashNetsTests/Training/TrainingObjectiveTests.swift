import HashNets
import Testing

/// The losses of recipes as trainings put them together, against finite differences.
@Suite struct TrainingObjectiveTests {
    private let labels = [0, 0, 1, 1, 2, 2]

    private func objective(
        _ recipe: TrainingRecipe, _ change: (inout TrainingConfiguration) -> Void = { _ in }
    ) throws -> TrainingObjective {
        var configuration = TrainingConfiguration(recipe, bits: 5)
        // A margin that keeps every triplet active, so that the mean over active triplets is smooth.
        configuration.margin = 20
        change(&configuration)
        return try TrainingObjective(configuration, labelled: syntheticImages(perClass: 2, side: 8))
    }

    private func rows(weights: [Float]? = nil) -> [TrainingObjective.Row] {
        labels.indices.map { .init(item: $0, label: labels[$0], weight: weights?[$0] ?? 1 / 6) }
    }

    /// Triplets, codewords and labels in one: 5 code and 3 label outputs an image.
    @Test(arguments: [false, true]) func tripletRecipesLossHasTheGradientOfItsValue(isConsistent: Bool) throws {
        let objective = try objective(.triplet)
        let logits = uniforms(6 * 8, -1.5...1.5, seed: 1)
        let rows = rows()
        #expect(
            gradientError(logits) {
                objective.evaluate(logits: $0, rows: rows, step: 0, isConsistent: isConsistent)
            } < 5e-3)
    }

    /// It is the sum of its three parts: the two-stage recipe's loss with labels, and triplets in units of the margin.
    @Test func tripletRecipesLossIsTheSumOfItsParts() throws {
        let logits = uniforms(6 * 8, -1.5...1.5, seed: 2)
        let whole = try objective(.triplet).evaluate(logits: logits, rows: rows(), step: 0, isConsistent: false)
        let codewords = try objective(.twoStage).evaluate(logits: logits, rows: rows(), step: 0, isConsistent: false)
        let codes = (0..<6).flatMap { logits[$0 * 8..<$0 * 8 + 5] }
        let triplets = LogitTripletLoss(triplet: TripletLoss(bits: 5, margin: 20), slope: 2)
            .evaluateBatch(logits: codes, labels: labels).loss
        #expect(abs(whole.value - codewords.value - triplets.value / 20) < 1e-5)
        for image in 0..<6 {
            for output in 0..<8 {
                let triplet = output < 5 ? triplets.gradient[image * 5 + output] / 20 : 0
                let index = image * 8 + output
                #expect(abs(whole.gradient[index] - codewords.gradient[index] - triplet) < 1e-6)
            }
        }
    }

    /// In consistency training some rows are guesses with weights of their own, and unsure ones count nothing.
    @Test func rowsOfWeightZeroTeachNothing() throws {
        let objective = try objective(.triplet)
        let logits = uniforms(6 * 8, -1.5...1.5, seed: 3)
        let rows = rows(weights: [0.3, 0.2, 0, 0.4, 0.1, 0.1])
        let value = objective.evaluate(logits: logits, rows: rows, step: 0, isConsistent: true)
        #expect(value.gradient[16..<24].allSatisfy { $0 == 0 })
        #expect(
            gradientError(logits) {
                objective.evaluate(logits: $0, rows: rows, step: 0, isConsistent: true)
            } < 5e-3)
    }

    /// With the recipe's own margin, a part of the triplets is satisfied and teaches nothing.
    @Test func recipesOwnMarginHasTheGradientOfItsValue() throws {
        let objective = try objective(.triplet) { $0.margin = 1.25 }
        let logits = uniforms(6 * 8, -1.5...1.5, seed: 4)
        let rows = rows()
        #expect(
            gradientError(logits, step: 1e-3) {
                objective.evaluate(logits: $0, rows: rows, step: 0, isConsistent: false)
            } < 2e-2)
    }

    @Test(arguments: [TrainingRecipe.twoStage, .cnnh, .cnnhPlus, .dnnh, .views])
    func otherRecipesLossesHaveTheGradientsOfTheirValues(recipe: TrainingRecipe) throws {
        let objective = try objective(recipe)
        let outputs = recipe == .twoStage || recipe == .cnnhPlus ? 8 : 5
        let logits = uniforms(6 * outputs, -1.5...1.5, seed: 5)
        let rows = rows()
        #expect(
            gradientError(logits) {
                objective.evaluate(logits: $0, rows: rows, step: 0, isConsistent: false)
            } < 5e-3)
    }
}
