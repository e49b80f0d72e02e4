import { Button } from "../../../components/forms/button.tsx";
import { Problem } from "../../../components/forms/field.tsx";
import { sendCommand } from "../../../connection/send-command.ts";
import { useAction } from "../../../hooks/use-action.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { isMuted } from "../../../policies/room-policy.ts";
import styles from "./member-actions.module.css";

const MUTE_OPTIONS_SECONDS = [600, 3_600, 86_400] as const;
/** The longest mute that the server allows, a year: until a moderator lifts it. */
const INDEFINITE_MUTE_SECONDS = 31_536_000;
/** A mute with more time left than this is shown as indefinite. */
const INDEFINITE_MUTE_MS = 300 * 86_400_000;

interface MuteMenuProps {
  readonly room: string;
  readonly user: string;
  /** Milliseconds since 1970. */
  readonly mutedUntil: number | null;
}

/** Mutes a person for a while, or unmutes them. */
export function MuteMenu({ room, user, mutedUntil }: MuteMenuProps) {
  const { t, duration, dateTime } = useI18n();
  const mute = useAction((muteSeconds: number) => sendCommand("member.change", { room, user, muteSeconds }));
  const now = Date.now();
  const muted = mutedUntil !== null && isMuted(mutedUntil, now);
  const legend = !muted
    ? t("members.mute")
    : mutedUntil - now > INDEFINITE_MUTE_MS
      ? t("members.mutedUntilLifted")
      : t("members.mutedUntil", { when: dateTime(mutedUntil) });
  return (
    <fieldset className={styles.row}>
      <legend className={styles.legend}>{legend}</legend>
      <Problem>{mute.problem}</Problem>
      {muted ? (
        <Button size="small" busy={mute.pending.length > 0} onClick={() => mute.run(0)}>
          {t("members.unmute")}
        </Button>
      ) : (
        <>
          {MUTE_OPTIONS_SECONDS.map((seconds) => (
            <Button key={seconds} size="small" busy={mute.pending.includes(seconds)} onClick={() => mute.run(seconds)}>
              {duration(seconds)}
            </Button>
          ))}
          <Button
            size="small"
            busy={mute.pending.includes(INDEFINITE_MUTE_SECONDS)}
            onClick={() => mute.run(INDEFINITE_MUTE_SECONDS)}
          >
            {t("members.muteIndefinitely")}
          </Button>
        </>
      )}
    </fieldset>
  );
}
