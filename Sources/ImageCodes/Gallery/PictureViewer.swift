import Drawings

/// The part of a page that lets its pictures be looked at with keys: each alone or beside the one it is to be compared with, at the size of the
/// window or its own.
///
/// Pictures are the `figure` elements of a page, and what belongs together is in one `section`. The page's own script follows `script`. It
/// defines `besideOf(figure)`, the figure to show beside another, and adds its keys to `actions`.
package struct PictureViewer {
    /// What a section is called, in the plural.
    var sections: String
    /// Keys of the page's own, and what they do.
    var keys: [(key: String, effect: String)] = []

    /// The button that shows the keys, for the head of the page.
    static let button = "<button id=\"keys\">Keys: <kbd>?</kbd></button>"

    /// What is shown over the page.
    var dialogs: String {
        let first: [(key: String, effect: String)] = [
            ("→ ←", "the next image, the one before"), ("↓ ↑ J K", "the next and the previous of the \(sections)"),
            ("Enter", "a close look, beside what it is compared with; again: at full size"),
        ]
        let all = first + keys + [("Esc", "back"), ("?", "these keys")]
        let rows = all.map { key, effect in
            let caps = key.split(separator: " ").map { "<kbd>\($0)</kbd>" }.joined(separator: " ")
            return "<tr><th scope=\"row\">\(caps)</th><td>\(escapedForXML(effect))</td></tr>"
        }
        return """
            <dialog id="close-up" aria-label="Close look"></dialog>
            <dialog id="help" aria-labelledby="help-title">
            <h2 id="help-title">Keys</h2>
            <table>
            \(rows.joined(separator: "\n"))
            </table>
            <form method="dialog"><button>Close</button></form>
            </dialog>

            """
    }

    package static let style = """
        .images { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(11rem, 44%), 1fr)); }
        figure { margin: 0; padding: 0.5rem; border: 2px solid var(--line); border-radius: 0.5rem; }
        img { display: block; width: 100%; height: auto; aspect-ratio: 1; object-fit: contain; }
        figcaption { margin-top: 0.5rem; font-size: 0.85rem; } .path { color: var(--faint); overflow-wrap: anywhere; }
        .none { display: grid; place-items: center; aspect-ratio: 1; color: var(--faint); text-align: center; }
        kbd { border: 1px solid var(--line); border-radius: 0.2rem; padding: 0 0.3em; }
        dialog { background: var(--paper); color: var(--ink); border: 1px solid var(--line); border-radius: 0.5rem; }
        #help th { text-align: left; padding-right: 1rem; white-space: nowrap; }
        #close-up { width: 94vw; height: 92vh; max-width: none; max-height: none; box-sizing: border-box; }
        #close-up button { position: absolute; top: 0.5rem; right: 0.5rem; }
        .pair { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; gap: 0.5rem; height: 100%; cursor: zoom-in; }
        .side { display: flex; flex-direction: column; min-height: 0; overflow: auto; white-space: pre-line; }
        .side img { flex: 1; min-height: 0; height: 100%; aspect-ratio: auto; }
        .large { cursor: zoom-out; } .large img { flex: none; align-self: start; width: auto; height: auto; max-width: none; }
        """

    static let script = """
        "use strict";
        const figures = [...document.querySelectorAll("figure")];
        const sections = [...document.querySelectorAll("section")].filter(section => section.querySelector("figure"));
        const [closeUp, help] = ["close-up", "help"].map(id => document.getElementById(id));
        let current = null;
        // The original where the browser can show it, else the thumbnail, and what is said of it.
        function side(figure) {
          const side = document.createElement("div");
          side.className = "side";
          const [thumbnail, link] = [figure.querySelector("img"), figure.querySelector("a")];
          if (thumbnail) {
            const image = document.createElement("img");
            image.alt = thumbnail.alt;
            image.onerror = () => { image.onerror = null; image.src = thumbnail.src; };
            image.src = link ? link.href : thumbnail.src;
            side.append(image);
          }
          const text = document.createElement("div");
          text.textContent = (thumbnail ? "" : figure.querySelector(".none").innerText + "\\n") + figure.querySelector("figcaption").innerText;
          side.append(text);
          return side;
        }
        function look(figure) {
          const pair = document.createElement("div");
          pair.className = "pair";
          pair.tabIndex = 0;
          const other = besideOf(figure);
          for (const one of other && other !== figure ? [other, figure] : [figure]) pair.append(side(one));
          pair.onclick = zoom;
          const close = document.createElement("button");
          close.textContent = "Close";
          close.onclick = () => closeUp.close();
          closeUp.replaceChildren(pair, close);
          // The browser gives the focus back to what had it when the dialog was opened: to this image, then.
          if (closeUp.open) closeUp.close();
          figure.focus();
          closeUp.showModal();
        }
        function zoom() { closeUp.firstChild.classList.toggle("large"); }
        function go(list, steps) {
          const place = list.findIndex(one => one.contains(current));
          const next = list[Math.min(Math.max(place + steps, 0), list.length - 1)];
          if (!next) return;
          const figure = next.closest("figure") || next.querySelector("figure");
          if (closeUp.open) look(figure); else figure.focus();
        }
        function toggleHelp() { if (help.open) help.close(); else help.showModal(); }
        const actions = {
          ArrowRight: () => go(figures, 1), ArrowLeft: () => go(figures, -1),
          ArrowDown: () => go(sections, 1), ArrowUp: () => go(sections, -1),
          j: () => go(sections, 1), k: () => go(sections, -1),
          Enter: () => { if (closeUp.open) zoom(); else if (current) look(current); },
          "?": toggleHelp,
        };
        document.addEventListener("keydown", event => {
          const action = actions[event.key];
          if (!action || event.ctrlKey || event.metaKey || event.altKey || (help.open && event.key !== "?")) return;
          if (event.target.tagName === "BUTTON" && (event.key === "Enter" || event.key === " ")) return;
          event.preventDefault();
          action();
        });
        for (const figure of figures) figure.addEventListener("focusin", () => { current = figure; });
        for (const picture of document.querySelectorAll("figure > a, figure > img")) {
          picture.tabIndex = -1;
          picture.addEventListener("click", event => {
            event.stopPropagation();
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            look(picture.closest("figure"));
          });
        }
        document.getElementById("keys").addEventListener("click", toggleHelp);
        """
}
