import { Dialog } from "../components/overlays/dialog.tsx";
import type { Key } from "../i18n/catalogue.ts";
import { useI18n } from "../i18n/i18n.ts";
import { IS_APPLE } from "../state/platform.ts";
import styles from "./shortcuts-dialog.module.css";

const MOD = IS_APPLE ? "⌘" : "Ctrl";
const ALT = IS_APPLE ? "⌥" : "Alt";

type ShortcutText = Extract<Key, `shortcuts.${string}`>;

const SHORTCUTS: readonly { readonly keys: readonly string[]; readonly text: ShortcutText }[] = [
  { keys: [MOD, "K"], text: "shortcuts.switcher" },
  { keys: [MOD, "⇧", "F"], text: "shortcuts.search" },
  { keys: [ALT, "↑ ↓"], text: "shortcuts.adjacentRoom" },
  { keys: [ALT, "⇧", "↑ ↓"], text: "shortcuts.unreadRoom" },
  { keys: ["Enter"], text: "shortcuts.send" },
  { keys: ["⇧", "Enter"], text: "shortcuts.newLine" },
  { keys: ["↑"], text: "shortcuts.editLast" },
  { keys: [MOD, "B"], text: "shortcuts.bold" },
  { keys: [MOD, "I"], text: "shortcuts.italic" },
  { keys: [MOD, "⇧", "X"], text: "shortcuts.strikethrough" },
  { keys: [MOD, "E"], text: "shortcuts.code" },
  { keys: [MOD, "K"], text: "shortcuts.link" },
  { keys: ["Esc"], text: "shortcuts.latest" },
  { keys: ["?"], text: "shortcuts.help" },
];

export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useI18n();
  return (
    <Dialog title={t("shortcuts.title")} onClose={onClose}>
      <dl className={styles.keys}>
        {SHORTCUTS.map(({ keys, text }) => (
          <div key={text}>
            <dt dir="ltr">
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
