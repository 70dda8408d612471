extension WebPage {
    /// What the page does: it asks the JSON interface and shows the answers. Texts from the store become text nodes, never markup.
    static let script = """
        "use strict";
        const part = id => document.getElementById(id);
        const page = { picked: null, offset: 0, total: 0, size: 10 };
        const base = () => "/v1/stores/" + encodeURIComponent(part("store").value);
        function say(where, text, failed = false) { where.textContent = text; where.classList.toggle("failed", failed); }
        function make(name, text, parent) {
          const element = document.createElement(name);
          if (text !== undefined) element.textContent = text;
          if (parent) parent.append(element);
          return element;
        }
        async function ask(path, body, headers = {}) {
          const response = await fetch(path, body === undefined ? {} : { method: "POST", body, headers });
          const answer = await response.json().catch(() => ({}));
          if (!response.ok) {
            const error = new Error(answer.error || "the service answers " + response.status);
            error.status = response.status;
            throw error;
          }
          return answer;
        }
        const textOf = path => (path || "").replace(/[\\udc80-\\udcff]/g, "\\ufffd");

        // What an item is shown by: its picture if it has one, and its captions.
        function figure(item, lines) {
          const figure = make("figure");
          if (item.path && item.id !== undefined) {
            const image = make("img", undefined, figure);
            image.alt = textOf(item.path);
            image.loading = "lazy";
            image.title = "look for images like this one";
            image.src = base() + "/items/" + item.id + "/thumbnail";
            image.onerror = () => { const none = make("div", "no picture"); none.className = "none"; image.replaceWith(none); };
            image.onclick = () => { show("search"); searchFor({ id: item.id }, "id " + item.id); };
          }
          const caption = make("figcaption", undefined, figure);
          for (const line of lines) make("div", line, caption);
          const name = make("div", textOf(item.path || item.name), caption);
          name.className = "path";
          return figure;
        }

        // Searching
        function showFound(answer, what) {
          const found = answer.neighbors;
          part("found").replaceChildren(...found.map(item => {
            const variant = item.variant && item.variant !== "original" ? ", " + item.variant : "";
            return figure(item, ["distance " + item.distance + variant + ", id " + item.id]);
          }));
          say(part("answer"), found.length === 0 ? "Nothing found." : found.length + " nearest to " + what);
        }
        async function attempt(where, waiting, work) {
          say(where, waiting);
          try { await work(); } catch (error) { say(where, error.message, true); }
        }
        const count = () => Math.max(1, Number(part("k").value) || 20);
        function searchFor(question, what) {
          return attempt(part("answer"), "Searching …", async () =>
            showFound(await ask(base() + "/nearest", JSON.stringify({ ...question, k: count() })), what));
        }
        function searchImage() {
          const file = page.picked;
          return attempt(part("answer"), "Searching …", async () => {
            const options = "?k=" + count() + (part("variants").checked ? "&variants=true" : "");
            showFound(await ask(base() + "/nearest-image" + options, file), file.name || "the image");
          });
        }
        function search() {
          const code = part("code").value.trim();
          if (code) return searchFor({ code }, code);
          if (page.picked) return searchImage();
          say(part("answer"), "Drop or pick an image, or give a code.", true);
        }
        function pick(file) {
          if (!file) return;
          page.picked = file;
          part("code").value = "";
          if (part("picked").src) URL.revokeObjectURL(part("picked").src);
          part("picked").src = URL.createObjectURL(file);
          part("picked").hidden = false;
          return searchImage();
        }

        // Duplicates
        async function lookForGroups() {
          const tier = part("tier").value;
          const path = base() + "/duplicates?offset=" + page.offset + "&count=" + page.size + (tier ? "&tier=" + tier : "");
          await attempt(part("report"), "Looking …", async () => {
            let answer;
            // The service makes the report once; until it is there, it says so.
            for (;;) {
              try { answer = await ask(path); break; } catch (error) {
                if (error.status !== 503) throw error;
                await new Promise(done => setTimeout(done, 1000));
              }
            }
            page.total = answer.total;
            part("groups").replaceChildren(...answer.groups.map((group, index) => section(group, page.offset + index + 1)));
            const last = page.offset + answer.groups.length;
            say(part("report"), answer.total === 0 ? "No duplicates among " + answer.images + " images."
              : "Groups " + (page.offset + 1) + " to " + last + " of " + answer.total + "; " + answer.rule + ".");
            part("earlier").disabled = page.offset === 0;
            part("later").disabled = last >= page.total;
          });
        }
        function section(group, number) {
          const section = make("section");
          const head = make("h2", "Group " + number + ": " + group.images.length + " files, " + group.tier, section);
          const images = make("div", undefined, section);
          images.className = "images";
          for (const image of group.images) {
            images.append(figure(image, [image.mark + ": " + image.why, "distance " + image.distance,
              image.width + " × " + image.height + ", " + image.bytes + " bytes"]));
          }
          const ids = [...new Set(group.images.map(image => image.id).filter(id => id !== undefined))];
          if (ids.length > 1) {
            const button = make("button", "These are different images", section);
            button.className = "different";
            const status = make("span", "", section);
            let marked = false;
            button.onclick = () => attempt(status, " …", async () => {
              await ask(base() + "/verdict", JSON.stringify({ ids, forget: marked }), { Authorization: "Bearer " + part("token").value });
              marked = !marked;
              button.textContent = marked ? "Take it back" : "These are different images";
              say(status, marked ? " Remembered: they will not be one group again." : " Forgotten.");
            });
          }
          return section;
        }
        function turn(pages) {
          page.offset = Math.max(0, page.offset + pages * page.size);
          return lookForGroups();
        }

        function show(name) {
          for (const one of ["search", "duplicates"]) {
            part(one).hidden = one !== name;
            part("to-" + one).setAttribute("aria-pressed", String(one === name));
          }
        }
        function showFacts() {
          const store = page.stores.find(one => one.store === part("store").value);
          part("facts").textContent = store ? store.items + " items, " + store.bits + " bits" + (store.model ? ", " + store.model : "") : "";
          part("drop").hidden = !store || !store.takes_images;
        }
        part("to-search").onclick = () => show("search");
        part("to-duplicates").onclick = () => { show("duplicates"); page.offset = 0; return lookForGroups(); };
        part("question").onsubmit = event => { event.preventDefault(); search(); };
        part("which").onsubmit = event => { event.preventDefault(); page.offset = 0; lookForGroups(); };
        part("earlier").onclick = () => turn(-1);
        part("later").onclick = () => turn(1);
        part("file").onchange = event => pick(event.target.files[0]);
        part("store").onchange = () => { showFacts(); part("found").replaceChildren(); part("groups").replaceChildren(); page.offset = 0; };
        for (const kind of ["dragenter", "dragover"]) {
          document.addEventListener(kind, event => { event.preventDefault(); part("drop").classList.add("over"); });
        }
        document.addEventListener("dragleave", () => part("drop").classList.remove("over"));
        document.addEventListener("drop", event => {
          event.preventDefault();
          part("drop").classList.remove("over");
          show("search");
          pick(event.dataTransfer.files[0]);
        });
        document.addEventListener("paste", event => {
          const file = [...event.clipboardData.files].find(one => one.type.startsWith("image/"));
          if (file) pick(file);
        });
        attempt(part("answer"), "", async () => {
          page.stores = (await ask("/v1/stores")).stores;
          for (const store of page.stores) make("option", store.store, part("store"));
          showFacts();
        });

        """
}
