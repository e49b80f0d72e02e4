import type { Person } from "@multichat/protocol";
import { useState } from "react";
import { Button, IconButton } from "../../components/forms/button.tsx";
import { Problem } from "../../components/forms/field.tsx";
import { FilterField, includesIgnoringCase } from "../../components/forms/filter.tsx";
import { Avatar } from "../../components/indicators/avatar.tsx";
import { Icon } from "../../components/indicators/icon.tsx";
import { Tag } from "../../components/indicators/tag.tsx";
import { Page } from "../../components/layout/page.tsx";
import { SkeletonLines } from "../../components/layout/skeleton.tsx";
import { peopleApi } from "../../connection/people-api.ts";
import { useMe } from "../../hooks/use-chat.ts";
import { useDescribeFailure } from "../../hooks/use-describe-failure.ts";
import { useLoaded } from "../../hooks/use-loaded.ts";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./admin-list.module.css";
import { AdminTabs } from "./admin-tabs.tsx";
import { CreatePerson } from "./create-person.tsx";
import { EditPerson } from "./edit-person.tsx";

type OpenDialog = { readonly kind: "create" } | { readonly kind: "edit"; readonly person: Person } | undefined;

export function PeoplePage() {
  const { t } = useI18n();
  const describe = useDescribeFailure();
  const { state, reload, update } = useLoaded(peopleApi.listPeople);
  const [query, setQuery] = useState("");
  const [dialog, setDialog] = useState<OpenDialog>();
  const people = state.kind === "loaded" ? state.value : [];
  const matches = people.filter((person) => includesIgnoringCase(`${person.username} ${person.email ?? ""}`, query));
  const close = () => setDialog(undefined);

  function upsert(changed: Person): void {
    update((previous) =>
      previous.some((person) => person.id === changed.id)
        ? previous.map((person) => (person.id === changed.id ? changed : person))
        : [...previous, changed],
    );
  }

  return (
    <Page
      title={t("admin.title")}
      tabs={<AdminTabs />}
      actions={
        <Button variant="primary" icon="plus" onClick={() => setDialog({ kind: "create" })}>
          {t("person.create")}
        </Button>
      }
    >
      <FilterField label={t("admin.findPeople")} value={query} onChange={setQuery} />
      {state.kind === "loading" && <SkeletonLines count={5} label={t("admin.loadingPeople")} />}
      {state.kind === "failed" && (
        <>
          <Problem>{describe(state.error)}</Problem>
          <Button icon="retry" onClick={reload}>
            {t("action.retry")}
          </Button>
        </>
      )}
      <ul className={styles.list} aria-label={t("admin.people")}>
        {matches.map((person) => (
          <PersonRow key={person.id} person={person} onEdit={() => setDialog({ kind: "edit", person })} />
        ))}
      </ul>
      {state.kind === "loaded" && matches.length === 0 && (
        <p className={styles.empty} role="status">
          <Icon name="search" small /> {t("admin.noResults")}
        </p>
      )}
      {dialog?.kind === "create" && <CreatePerson onClose={close} onCreated={upsert} />}
      {dialog?.kind === "edit" && <EditPerson person={dialog.person} onClose={close} onChanged={upsert} />}
    </Page>
  );
}

function PersonRow({ person, onEdit }: { readonly person: Person; readonly onEdit: () => void }) {
  const { t, date } = useI18n();
  const me = useMe();
  // Only superusers may change a superuser's account.
  const canEdit = me.superuser || !person.superuser;
  return (
    <li className={styles.item} data-off={!person.active || undefined}>
      <Avatar id={person.id} name={person.username} />
      <div className={styles.names}>
        <span className={styles.name} dir="auto">
          {person.username}
        </span>
        <span className={styles.note} dir="auto">
          {person.email ?? t("person.since", { when: date(person.createdAt) })}
        </span>
      </div>
      <div className={styles.tags}>
        {person.id === me.id && <Tag>{t("message.you")}</Tag>}
        {person.staff && (
          <Tag icon="shield" variant="accent">
            {t(person.superuser ? "role.superuser" : "role.staff")}
          </Tag>
        )}
        {!person.active && <Tag variant="danger">{t("person.inactive")}</Tag>}
      </div>
      {canEdit && (
        <div className={styles.actions}>
          <IconButton icon="pencil" label={t("admin.editNamed", { name: person.username })} onClick={onEdit} />
        </div>
      )}
    </li>
  );
}
