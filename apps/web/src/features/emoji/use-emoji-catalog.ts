import { useEffect, useState } from "react";
import { useI18n } from "../../i18n/i18n.ts";
import type { EmojiCatalog } from "./emoji-catalog.ts";

/** The catalog that was loaded last. */
let loaded: EmojiCatalog | undefined;

/** Returns the catalog if it has been loaded. */
export function getEmojiCatalog(): EmojiCatalog | undefined {
  return loaded;
}

export async function loadEmojiCatalog(locale: string): Promise<EmojiCatalog> {
  const module = await import("./emoji-catalog.ts");
  loaded = await module.loadEmojiCatalog(locale);
  return loaded;
}

/** Returns the catalog in the page's language once it is needed and loaded. */
export function useEmojiCatalog({ isNeeded }: { readonly isNeeded: boolean }): EmojiCatalog | undefined {
  const { locale } = useI18n();
  const [found, setFound] = useState<{ readonly locale: string; readonly catalog: EmojiCatalog }>();
  const catalog = found?.locale === locale ? found.catalog : undefined;
  useEffect(() => {
    if (!isNeeded || catalog !== undefined) return;
    let cancelled = false;
    loadEmojiCatalog(locale).then(
      (catalog) => {
        if (!cancelled) setFound({ locale, catalog });
      },
      // It could not be loaded: there are no suggestions then.
      () => {},
    );
    return () => {
      cancelled = true;
    };
  }, [isNeeded, locale, catalog]);
  return catalog;
}
