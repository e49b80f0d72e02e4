import { Check, Field } from "../../components/field.tsx";
import { useProfile } from "../../stores/chat.ts";
import type { Form } from "../../stores/form.ts";
import { useI18n } from "../../stores/i18n/i18n.ts";

export interface RoomValues {
  readonly title: string;
  readonly topic: string;
  readonly staffOnly: boolean;
}

/** The names of the fields, as the server calls them. */
export const ROOM_FIELDS = ["title", "topic", "staffOnly"] as const;

interface RoomFieldsProps {
  readonly values: RoomValues;
  readonly onChange: (changes: Partial<RoomValues>) => void;
  readonly form: Form;
}

/** What is said about a room, when it is made and when it is changed. */
export function RoomFields({ values, onChange, form }: RoomFieldsProps) {
  const { t } = useI18n();
  const { me, limits } = useProfile();
  return (
    <>
      <Field
        label={t("field.roomTitle")}
        problem={form.problemOf("title")}
        autoFocus
        required
        dir="auto"
        autoComplete="off"
        maxLength={limits.roomTitleChars}
        value={values.title}
        onChange={(event) => onChange({ title: event.target.value })}
      />
      <Field
        label={t("field.roomTopic")}
        hint={t("field.roomTopicHint")}
        problem={form.problemOf("topic")}
        dir="auto"
        autoComplete="off"
        maxLength={limits.roomTopicChars}
        value={values.topic}
        onChange={(event) => onChange({ topic: event.target.value })}
      />
      {me.staff && (
        <Check
          label={t("field.staffOnly")}
          hint={t("field.staffOnlyHint")}
          checked={values.staffOnly}
          onChange={(event) => onChange({ staffOnly: event.target.checked })}
        />
      )}
    </>
  );
}
