import Drawings
import Foundation

/// A thumbnail inside a page, which a click opens the original of; or why there is none.
struct EmbeddedPicture {
    let html: String

    /// - Parameters:
    ///   - path: the image's file.
    ///   - name: what to call it for those who do not see it.
    ///   - side: the most pixels in either direction.
    init(of path: ImagePath, name: String, side: Int) {
        do {
            let thumbnail = try ImageThumbnail(of: path, side: side)
            let data = Data(thumbnail.jpeg).base64EncodedString()
            let image =
                "<img src=\"data:image/jpeg;base64,\(data)\" width=\"\(thumbnail.width)\" height=\"\(thumbnail.height)\" "
                + "alt=\"\(escapedForXML(name))\">"
            html = (path.fileURL ?? (try? path.resolved())?.fileURL).map { "<a href=\"\($0)\">\(image)</a>" } ?? image
        } catch {
            let reason = (error as? ImageDecodingError)?.reason.description ?? "\(error)"
            html = "<div class=\"none\">\(escapedForXML(reason))</div>"
        }
    }
}

extension ImagePath {
    /// The URL of an absolute path.
    var fileURL: String? {
        bytes.first == ImagePath.slash ? "file://" + percentEncoded : nil
    }
}
