import { readGlobal, type Visitor } from "../browser.ts";

/** Reports what a page that shows other users' text must never do. */
export interface InjectionDetector {
  /** Returns scripts that ran, elements and attributes that could run one, and requests to elsewhere. */
  readonly findings: () => Promise<string[]>;
}

/**
 * Watches a page from before it loads. It does not rely on the content security policy: at every change of the document it
 * looks for anything that could run a script or leave the page.
 */
export async function detectInjection({ context, page }: Visitor, base: string): Promise<InjectionDetector> {
  const pageEvents: string[] = [];
  page.on("dialog", (dialog) => {
    pageEvents.push(`a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", (popup) => pageEvents.push(`a window opened: ${popup.url()}`));
  page.on("download", (download) => pageEvents.push(`a download began: ${download.url()}`));
  page.on("framenavigated", (frame) => {
    if (frame !== page.mainFrame()) pageEvents.push(`a frame was loaded: ${frame.url()}`);
    else if (!frame.url().startsWith(`${base}/`)) pageEvents.push(`the page went to ${frame.url()}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(`${base}/`) && !/^data:image\/svg\+xml/.test(request.url()))
      pageEvents.push(`something was fetched from ${request.url()}`);
  });
  await context.addInitScript(watchDocument, await readInlineTexts(base));
  return {
    findings: async () => {
      const injected = await readGlobal<readonly string[]>(page, "injected");
      return [...new Set([...pageEvents, ...injected])];
    },
  };
}

/** Returns the texts of the scripts and styles in the page's own HTML. */
async function readInlineTexts(base: string): Promise<string[]> {
  const html = await (await fetch(`${base}/`)).text();
  return [...html.matchAll(/<(script|style)>([\s\S]*?)<\/\1>/g)].map((match) => match[2] ?? "");
}

/** Runs in the page. */
function watchDocument(inlineTexts: readonly string[]): void {
  const injected: string[] = [];
  Object.defineProperty(window, "injected", { value: injected });
  for (const name of ["__xss", "alert", "confirm", "prompt", "print", "open"]) {
    Object.defineProperty(window, name, {
      value: (...given: unknown[]) => void injected.push(`${name}(${given}) ran`),
    });
  }

  const forbiddenElements =
    "iframe,frame,frameset,object,embed,applet,base,portal,fencedframe,math,marquee,video,audio,style,template,isindex,noembed,plaintext,svg script,foreignObject,animate,set,animateTransform,animateMotion,image,feImage";
  const addressAttributes = [
    "href",
    "src",
    "action",
    "formaction",
    "xlink:href",
    "data",
    "poster",
    "srcset",
    "ping",
    "background",
  ];
  const safeProtocols = ["http:", "https:", "mailto:"];

  const isSameOrigin = (address: string): boolean => new URL(address, location.href).origin === location.origin;
  const inspect = (element: Element): void => {
    // The observer can see an element before the parser has read all of its text.
    const isInlineText = (text: string) => inlineTexts.some((inline) => inline.startsWith(text));
    if (
      element.matches("head > script, head > style") &&
      element.attributes.length === 0 &&
      isInlineText(element.textContent)
    )
      return;
    const describe = () => element.cloneNode(false) instanceof Element && element.outerHTML.slice(0, 200);
    if (element.matches(forbiddenElements)) injected.push(`an element of a forbidden kind: ${describe()}`);
    if (
      element.localName === "script" &&
      (element.textContent !== "" || !isSameOrigin(element.getAttribute("src") ?? "//x"))
    )
      injected.push(`a script: ${describe()}`);
    if (element.localName === "meta" && element.hasAttribute("http-equiv"))
      injected.push(`a meta element: ${describe()}`);
    if (
      element.localName === "link" &&
      element.getAttribute("rel") !== "icon" &&
      !isSameOrigin(element.getAttribute("href") ?? "")
    )
      injected.push(`a link element: ${describe()}`);
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on") || name === "srcdoc") injected.push(`an attribute that runs: ${describe()}`);
      if (!addressAttributes.includes(name) || element.matches("link[rel=icon]")) continue;
      if (!URL.canParse(value, location.href)) injected.push(`an invalid address: ${describe()}`);
      else if (!safeProtocols.includes(new URL(value, location.href).protocol))
        injected.push(`an address that runs: ${describe()}`);
    }
  };

  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes" && change.target instanceof Element) inspect(change.target);
      for (const added of change.addedNodes) {
        if (!(added instanceof Element)) continue;
        inspect(added);
        for (const below of added.querySelectorAll("*")) inspect(below);
      }
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
}
