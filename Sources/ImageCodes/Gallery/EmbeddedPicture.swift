import Foundation
import HashNets

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
    /// The URL of an absolute path: all but letters, digits and `/-._~` as `%HH`, byte by byte, so that names need not be UTF-8.
    var fileURL: String? {
        guard bytes.first == ImagePath.slash else { return nil }
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-._~".utf8)
        return "file://"
            + bytes.map { plain.contains($0) ? String(UnicodeScalar($0)) : "%" + hexadecimal([$0]).uppercased() }
            .joined()
    }
}
