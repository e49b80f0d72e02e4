import type { Person } from "@multichat/protocol";
import { useState } from "react";
import { Button, IconButton } from "../../components/forms/button.tsx";
import { Problem } from "../../components/forms/field.tsx";
import { Filter, foldedIncludes } from "../../components/forms/filter.tsx";
import { Avatar } from "../../components/indicators/avatar.tsx";
import { Icon } from "../../components/indicators/icon.tsx";
import { Tag } from "../../components/indicators/tag.tsx";
import { Page } from "../../components/layout/page.tsx";
import { SkeletonLines } from "../../components/layout/skeleton.tsx";
import { api } from "../../connection/api.ts";
import { useMe } from "../../hooks/use-chat.ts";
import { useDescribeFailure } from "../../hooks/use-describe-failure.ts";
import { useLoaded } from "../../hooks/use-loaded.ts";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./admin-list.module.css";
import { AdminTabs } from "./admin-tabs.tsx";
import { CreatePerson } from "./create-person.tsx";
import { EditPerson } from "./edit-person.tsx";

type Open = { readonly what: "create" } | { readonly what: "edit"; readonly person: Person } | undefined;

export function PeoplePage() {
  const { t } = useI18n();
  const describe = useDescribeFailure();
  const { state, reload, set } = useLoaded(api.people);
  const [asked, setAsked] = useState("");
  const [open, setOpen] = useState<Open>();
  const people = state.kind === "here" ? state.value : [];
  const found = people.filter((person) => foldedIncludes(`${person.username} ${person.email ?? ""}`, asked));
  const close = () => setOpen(undefined);

  function put(changed: Person): void {
    set((before) =>
      before.some((person) => person.id === changed.id)
        ? before.map((person) => (person.id === changed.id ? changed : person))
        : [...before, changed],
    );
  }

  return (
    <Page
      title={t("admin.title")}
      tabs={<AdminTabs />}
      actions={
        <Button look="primary" icon="plus" onClick={() => setOpen({ what: "create" })}>
          {t("person.create")}
        </Button>
      }
    >
      <Filter label={t("admin.findPeople")} value={asked} onChange={setAsked} />
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
        {found.map((person) => (
          <PersonLine key={person.id} person={person} onEdit={() => setOpen({ what: "edit", person })} />
        ))}
      </ul>
      {state.kind === "here" && found.length === 0 && (
        <p className={styles.nothing} role="status">
          <Icon name="search" small /> {t("admin.nothingFound")}
        </p>
      )}
      {open?.what === "create" && <CreatePerson onClose={close} onCreated={put} />}
      {open?.what === "edit" && <EditPerson person={open.person} onClose={close} onChanged={put} />}
    </Page>
  );
}

function PersonLine({ person, onEdit }: { readonly person: Person; readonly onEdit: () => void }) {
  const { t, date } = useI18n();
  const me = useMe();
  // Of a superuser's account, only superusers change anything.
  const mayEdit = me.superuser || !person.superuser;
  return (
    <li className={styles.item} data-off={!person.active || undefined}>
      <Avatar id={person.id} name={person.username} />
      <div className={styles.names}>
        <span className={styles.name}>
          <bdi>{person.username}</bdi>
        </span>
        <span className={styles.note}>{person.email ?? t("person.since", { when: date(person.createdAt) })}</span>
      </div>
      <div className={styles.tags}>
        {person.id === me.id && <Tag>{t("message.you")}</Tag>}
        {person.staff && (
          <Tag icon="shield" look="accent">
            {t(person.superuser ? "role.superuser" : "role.staff")}
          </Tag>
        )}
        {!person.active && <Tag look="danger">{t("person.inactive")}</Tag>}
      </div>
      {mayEdit && (
        <div className={styles.actions}>
          <IconButton icon="pencil" label={t("admin.editNamed", { name: person.username })} onClick={onEdit} />
        </div>
      )}
    </li>
  );
}
