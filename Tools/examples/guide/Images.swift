import HashDB
import HashNets
import ImageCodes

func images() throws {
    let model = try HashModel.load(path: "photo-64.safetensors")
    let store = try Store.forImages(at: "photos.hashdb", model: model)
    let summary = try Ingest(store: store, model: model).run([ImagePath("photos")])
    print("\(summary.added) images added, \(summary.unchanged) were there already")

    let code = try model.code(ofImageAt: "query.jpg")
    for match in try store.nearest(to: code, count: 10) {
        let paths = try store.read { try $0.imagePaths(of: match.id) }
        print(match.distance, paths.map(\.description))
    }
}
