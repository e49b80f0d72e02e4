import { Checkbox, Field } from "../../components/forms/field.tsx";
import { useProfile } from "../../hooks/use-chat.ts";
import type { Form } from "../../hooks/use-form.ts";
import { useI18n } from "../../i18n/i18n.ts";

export interface RoomValues {
  readonly title: string;
  readonly topic: string;
  readonly private: boolean;
  readonly staffOnly: boolean;
}

/** The fields by their names in the API. */
export const ROOM_FIELDS = ["title", "topic", "private", "staffOnly"] as const;

interface RoomFieldsProps {
  readonly values: RoomValues;
  readonly onChange: (changes: Partial<RoomValues>) => void;
  readonly form: Form;
  /** Whether the user may make the room private or open. @default true */
  readonly canChangeKind?: boolean;
}

/** The fields that creating and editing a room share. */
export function RoomFields({ values, onChange, form, canChangeKind = true }: RoomFieldsProps) {
  const { t } = useI18n();
  const { me, limits } = useProfile();
  return (
    <>
      <Field
        label={t("field.roomTitle")}
        problem={form.problemOf("title")}
        autoFocus
        required
        autoComplete="off"
        maxChars={limits.roomTitleChars}
        value={values.title}
        onChange={(event) => onChange({ title: event.target.value })}
      />
      <Field
        label={t("field.roomTopic")}
        hint={t("field.roomTopicHint")}
        problem={form.problemOf("topic")}
        autoComplete="off"
        maxChars={limits.roomTopicChars}
        value={values.topic}
        onChange={(event) => onChange({ topic: event.target.value })}
      />
      {canChangeKind && (
        <Checkbox
          label={t("field.private")}
          hint={t("field.privateHint")}
          checked={values.private}
          onChange={(event) => onChange({ private: event.target.checked })}
        />
      )}
      {me.staff && (
        <Checkbox
          label={t("field.staffOnly")}
          hint={t("field.staffOnlyHint")}
          checked={values.staffOnly}
          onChange={(event) => onChange({ staffOnly: event.target.checked })}
        />
      )}
    </>
  );
}
