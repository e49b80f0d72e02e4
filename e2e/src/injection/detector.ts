import type { Visitor } from "../browser.ts";

/** What a page that shows other people's text must never do, told afterwards. */
export interface InjectionDetector {
  /** Scripts that ran, elements and attributes that could run one, ways out of the page. Empty where all is well. */
  readonly findings: () => Promise<string[]>;
}

interface DetectorWindow extends Window {
  readonly trapped: string[];
}

/**
 * Sets a trap before anything of the page is loaded. It does not rely on the content security policy: it watches the document
 * itself, at every change, for whatever could run a script or lead away.
 */
export async function detectInjection({ context, page }: Visitor, base: string): Promise<InjectionDetector> {
  const outside: string[] = [];
  page.on("dialog", (dialog) => {
    outside.push(`a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", (popup) => outside.push(`a window opened: ${popup.url()}`));
  page.on("download", (download) => outside.push(`a download began: ${download.url()}`));
  page.on("framenavigated", (frame) => {
    if (frame !== page.mainFrame()) outside.push(`a frame was loaded: ${frame.url()}`);
    else if (!frame.url().startsWith(`${base}/`)) outside.push(`the page went to ${frame.url()}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(`${base}/`) && !/^data:image\/svg\+xml/.test(request.url()))
      outside.push(`something was fetched from ${request.url()}`);
  });
  await context.addInitScript(watchDocument);
  return {
    findings: async () => {
      const inside = await page.evaluate(() => (window as unknown as DetectorWindow).trapped);
      return [...new Set([...outside, ...inside])];
    },
  };
}

/** Runs in the page. */
function watchDocument(): void {
  const trapped: string[] = [];
  Object.defineProperty(window, "trapped", { value: trapped });
  for (const name of ["__xss", "alert", "confirm", "prompt", "print", "open"]) {
    Object.defineProperty(window, name, { value: (...given: unknown[]) => void trapped.push(`${name}(${given}) ran`) });
  }

  const elements =
    "iframe,frame,frameset,object,embed,applet,base,portal,fencedframe,math,marquee,video,audio,style,template,isindex,noembed,plaintext,svg script,foreignObject,animate,set,animateTransform,animateMotion,image,feImage";
  const addresses = [
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
  const harmless = ["http:", "https:", "mailto:"];

  const ours = (address: string): boolean => new URL(address, location.href).origin === location.origin;
  const look = (element: Element): void => {
    const told = () => element.cloneNode(false) instanceof Element && element.outerHTML.slice(0, 200);
    if (element.matches(elements)) trapped.push(`an element of a forbidden kind: ${told()}`);
    if (element.localName === "script" && (element.textContent !== "" || !ours(element.getAttribute("src") ?? "//x")))
      trapped.push(`a script: ${told()}`);
    if (element.localName === "meta" && element.hasAttribute("http-equiv")) trapped.push(`a meta element: ${told()}`);
    if (
      element.localName === "link" &&
      element.getAttribute("rel") !== "icon" &&
      !ours(element.getAttribute("href") ?? "")
    )
      trapped.push(`a link element: ${told()}`);
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on") || name === "srcdoc") trapped.push(`an attribute that runs: ${told()}`);
      if (!addresses.includes(name) || element.matches("link[rel=icon]")) continue;
      if (!URL.canParse(value, location.href)) trapped.push(`an address that is none: ${told()}`);
      else if (!harmless.includes(new URL(value, location.href).protocol))
        trapped.push(`an address that runs: ${told()}`);
    }
  };

  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes" && change.target instanceof Element) look(change.target);
      for (const added of change.addedNodes) {
        if (!(added instanceof Element)) continue;
        look(added);
        for (const below of added.querySelectorAll("*")) look(below);
      }
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
}
