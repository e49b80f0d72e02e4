import { Button } from "../../../components/forms/button.tsx";
import { Problem } from "../../../components/forms/field.tsx";
import { chat } from "../../../connection/chat.ts";
import { useAction } from "../../../hooks/use-action.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { isMuted } from "../../../policies/room-policy.ts";
import styles from "./member-actions.module.css";

/** Seconds. */
const TIMES = [600, 3_600, 86_400] as const;
/** The longest that there is, a year: for as long as nobody lifts it. */
const UNTIL_LIFTED = 31_536_000;
/** Milliseconds from which on a mute is told as one without end. */
const ENDLESS = 300 * 86_400_000;

interface MuteChoiceProps {
  readonly room: string;
  readonly user: string;
  /** Milliseconds since 1970. */
  readonly mutedUntil: number | null;
}

/** Lets somebody not write for a while, or write again. */
export function MuteChoice({ room, user, mutedUntil }: MuteChoiceProps) {
  const { t, duration, moment } = useI18n();
  const mute = useAction((muteSeconds: number) => chat.request("member.change", { room, user, muteSeconds }));
  const now = Date.now();
  const muted = mutedUntil !== null && isMuted(mutedUntil, now);
  const legend = !muted
    ? t("members.mute")
    : mutedUntil - now > ENDLESS
      ? t("members.mutedUntilLifted")
      : t("members.mutedUntil", { when: moment(mutedUntil) });
  return (
    <fieldset className={styles.row}>
      <legend className={styles.legend}>{legend}</legend>
      <Problem>{mute.problem}</Problem>
      {muted ? (
        <Button size="small" busy={mute.busyWith !== undefined} onClick={() => mute.run(0)}>
          {t("members.unmute")}
        </Button>
      ) : (
        <>
          {TIMES.map((seconds) => (
            <Button key={seconds} size="small" busy={mute.busyWith === seconds} onClick={() => mute.run(seconds)}>
              {duration(seconds)}
            </Button>
          ))}
          <Button size="small" busy={mute.busyWith === UNTIL_LIFTED} onClick={() => mute.run(UNTIL_LIFTED)}>
            {t("members.untilLifted")}
          </Button>
        </>
      )}
    </fieldset>
  );
}
