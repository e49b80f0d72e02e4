import { Dialog } from "../components/overlays/dialog.tsx";
import type { Key } from "../i18n/catalogue.ts";
import { useI18n } from "../i18n/i18n.ts";
import styles from "./shortcuts-dialog.module.css";

const APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent);
const MOD = APPLE ? "⌘" : "Ctrl";
const ALT = APPLE ? "⌥" : "Alt";

type ShortcutText = Extract<Key, `keys.${string}`>;

const SHORTCUTS: readonly { readonly keys: readonly string[]; readonly does: ShortcutText }[] = [
  { keys: [MOD, "K"], does: "keys.jump" },
  { keys: [MOD, "⇧", "F"], does: "keys.search" },
  { keys: [ALT, "↑ ↓"], does: "keys.rooms" },
  { keys: [ALT, "⇧", "↑ ↓"], does: "keys.unread" },
  { keys: ["Enter"], does: "keys.send" },
  { keys: ["⇧", "Enter"], does: "keys.line" },
  { keys: ["↑"], does: "keys.edit" },
  { keys: ["Esc"], does: "keys.escape" },
  { keys: ["?"], does: "keys.help" },
];

export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useI18n();
  return (
    <Dialog title={t("keys.title")} onClose={onClose}>
      <dl className={styles.keys}>
        {SHORTCUTS.map(({ keys, does }) => (
          <div key={does}>
            <dt dir="ltr">
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(does)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
