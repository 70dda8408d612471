import COneDNN

/// What planning a layer needs to know beside the layer.
struct LayerPlace {
    let input: ImageShape
    let output: ImageShape
    /// The normalisation after the layer, where inference makes it a part of the layer's weights.
    let normalization: Architecture.BatchNormalization?
    /// Whether the layer does the work of the rectifier that follows.
    let isRectified: Bool
    /// Whether the layer's input are the images, whose gradient nobody needs.
    let isFirst: Bool
    /// Whether its output are the logits, but for normalisation.
    let isLast: Bool
    /// Where the output may be added to, in inference.
    var sum: OneDNNTensor?

    /// Layers that are planned with this one, itself included.
    var layerCount: Int { 1 + (normalization == nil ? 0 : 1) + (isRectified ? 1 : 0) }

    init(
        _ layer: Architecture.Layer, input: ImageShape, followers: ArraySlice<Architecture.Layer>, isFirst: Bool,
        training: Bool
    ) {
        self.input = input
        output = layer.outputShape(of: input) ?? input  // architectures check that layers fit
        self.isFirst = isFirst
        isLast = followers.allSatisfy(\.isBatchNormalization)
        var followers = followers
        if !training, layer.hasFoldableWeights, case .batchNormalization(let next)? = followers.first {
            normalization = next
            followers = followers.dropFirst()
        } else {
            normalization = nil
        }
        let takesRectifier =
            if case .batchNormalization(let own) = layer {
                own.channels == nil && input.area > 1
            } else {
                layer.hasFoldableWeights
            }
        isRectified = takesRectifier && followers.first == .rectifier
    }
}

extension Architecture.Layer {
    /// Whether each output channel has weights of its own in an operation of the library.
    fileprivate var hasFoldableWeights: Bool {
        switch self {
        case .convolution, .innerProduct: true
        default: false
        }
    }
}

/// Neighbours and constants of a local response normalisation x · (offset + α/n · Σ x²)^−β, n being the neighbours.
struct ResponseWindow {
    let neighbourhood: onednn_neighbourhood
    /// Side of a square in the same channel, or channels.
    let size: Int
    let alpha: Float
    let beta: Float
    let offset: Float
}

/// Height, width and strides of a pooling window.
struct PoolingWindow {
    let height: Int
    let width: Int
    let strideDown: Int
    let strideAcross: Int

    init(height: Int, width: Int, strideDown: Int, strideAcross: Int) {
        self.height = height
        self.width = width
        self.strideDown = strideDown
        self.strideAcross = strideAcross
    }

    /// One window over all of an image.
    init(whole image: ImageShape) {
        self.init(height: image.height, width: image.width, strideDown: image.height, strideAcross: image.width)
    }
}
