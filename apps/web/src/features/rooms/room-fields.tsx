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

/** The names of the fields, as the server calls them. */
export const ROOM_FIELDS = ["title", "topic", "private", "staffOnly"] as const;

interface RoomFieldsProps {
  readonly values: RoomValues;
  readonly onChange: (changes: Partial<RoomValues>) => void;
  readonly form: Form;
  /** Whether it is open or private is not everybody's to change. @default true */
  readonly canChangeKind?: boolean;
}

/** What is said about a room, when it is made and when it is changed. */
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
