import styles from "./icon.module.css";

/** Drawn for this client on a grid of 20 with strokes of 1.6. */
const PATHS = {
  shield: "M10 2.6 16 5v4.6c0 3.7-2.5 6.4-6 7.8-3.5-1.4-6-4.1-6-7.8V5l6-2.4Z",
  muted:
    "M8.3 16.5h3.4M4.5 13.5c1-1.2 1-2.5 1-4.5a4.5 4.5 0 0 1 6.8-3.9M14.4 8c.1 2.5.1 4.3 1.1 5.5M5 13.5h7.5M3.5 3.5l13 13",
  format: "M3.5 15.5 8 4.5l4.5 11M5 12h6M14 9.5h3.5M14 15.5h3.5",
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  search: "M14 14l3.5 3.5M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12Z",
  settings:
    "M3 6h7.5M15.5 6H17M3 14h1.5M9.5 14H17M13 8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM7 16.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  close: "M5 5l10 10M15 5 5 15",
  beside: "M3.5 4.5h13v11h-13zM10 4.5v11M13.2 8.6v2.8M11.8 10h2.8",
  archive: "M3 4h14v3.5H3zM4.5 7.5V16h11V7.5M8 10.8h4",
  back: "M12 4.5 6.5 10l5.5 5.5",
  forward: "M8 4.5 13.5 10 8 15.5",
  down: "M10 4v12M5 11l5 5 5-5",
  send: "M10 16V4.5M5 9.3l5-5 5 5",
  leave: "M8 3.5H4v13h4M8.5 10H17M13.5 6.5 17 10l-3.5 3.5",
  people:
    "M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2.5 16.5c0-2.8 2.2-4.5 5-4.5s5 1.7 5 4.5M13 3.8a3 3 0 0 1 0 5.5M14.5 12.2c1.9.5 3 2 3 4.3",
  rooms: "M3.5 4h3.4v12H3.5zM8.5 7.5h3.3V16H8.5zM13.3 4h3.2v12h-3.2z",
  pencil: "M4 16l.700-3.2L13.5 4l2.5 2.5-8.8 8.8L4 16ZM11.7 5.8l2.5 2.5",
  retry: "M16 10a6 6 0 1 1-1.8-4.3M16 3v3.5h-3.5",
  warning: "M10 3.3 17.5 16.3h-15L10 3.3ZM10 8.3v3.7M10 14.1v.1",
  check: "M4.5 10.5 8.3 14.3 15.5 6",
  trash: "M4 5.5h12M8 5.5V3.5h4v2M5.5 5.5l.7 11h7.6l.7-11",
  device: "M3 4h14v9H3zM7 16.5h6M10 13v3.5",
  clock: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 6v4.2l2.7 1.7",
  lock: "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  keyboard: "M2.5 5h15v10h-15zM5.5 8h.1M8.5 8h.1M11.5 8h.1M14.5 8h.1M5.5 11.8h.1M8 11.8h4M14.5 11.8h.1",
  star: "M10 3l2.1 4.5 4.9.6-3.6 3.4.9 4.9L10 14l-4.3 2.4.9-4.9L3 8.1l4.9-.6L10 3Z",
  starred: "M10 3l2.1 4.5 4.9.6-3.6 3.4.9 4.9L10 14l-4.3 2.4.9-4.9L3 8.1l4.9-.6L10 3Z",
  compass: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM13 7l-1.6 4.4L7 13l1.6-4.4L13 7Z",
  pin: "M7 3.5h6l-.6 5.5 2.1 2.5v1h-9v-1l2.1-2.5L7 3.5ZM10 12.5V17",
  info: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 9.3v4M10 6.5v.1",
  at: "M13 10a3 3 0 1 1-6 0 3 3 0 0 1 6 0Zm0-3v4.2a1.9 1.9 0 0 0 3.8 0V10a6.8 6.8 0 1 0-2.9 5.6",
  bubble: "M4 3.8h12v9.4H9.5L6 16.5v-3.3H4z",
  unread: "M15.5 6.8a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6ZM10.5 3.8H4v9.4h2v3.3l3.5-3.3H16V9.5",
  invite: "M8 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM3 16.5c0-2.8 2.2-4.5 5-4.5s5 1.7 5 4.5M15 7v5M12.5 9.5h5",
  ban: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM5.2 5.2l9.6 9.6",
  share: "M12 5l4.5 4.5L12 14M16.5 9.5H8a4.5 4.5 0 0 0-4.5 4.5v1.5",
  reply: "M8 5 3.5 9.5 8 14M3.5 9.5H12a4.5 4.5 0 0 1 4.5 4.5v1.5",
  smile: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM7 11.5c.7 1.2 1.7 1.8 3 1.8s2.3-.6 3-1.8M7.6 8v.1M12.4 8v.1",
  more: "M5 10h.1M10 10h.1M15 10h.1",
  link: "M8.3 11.7a3 3 0 0 0 4.3 0l2.6-2.6a3 3 0 0 0-4.3-4.3l-.9.9M11.7 8.3a3 3 0 0 0-4.3 0l-2.6 2.6a3 3 0 0 0 4.3 4.3l.9-.9",
  copy: "M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4",
  paperclip: "M15.5 9.2 9.7 15a3.6 3.6 0 0 1-5.1-5.1l6-6a2.4 2.4 0 0 1 3.4 3.4l-5.9 5.9a1.2 1.2 0 0 1-1.7-1.7l5.4-5.4",
  file: "M5.5 3h6l3.5 3.5V17h-9.5zM11.3 3v3.7H15",
  download: "M10 3.5v9M6 8.8l4 4 4-4M4 16.5h12",
  sliders: "M4 5h12M4 10h12M4 15h12",
} as const satisfies Record<string, string>;

export type IconName = keyof typeof PATHS;

/** Icons that point along the reading direction. */
const MIRRORED: ReadonlySet<IconName> = new Set(["back", "forward", "leave", "beside", "reply", "share"]);

interface IconProps {
  readonly name: IconName;
  /** The text for screen readers, if there is none beside the icon. Without it the icon is decorative. */
  readonly label?: string;
  readonly small?: boolean;
}

function draw(name: IconName) {
  return (
    <path
      d={PATHS[name]}
      fill={name === "starred" ? "currentColor" : undefined}
      strokeWidth={name === "more" ? 2.4 : undefined}
    />
  );
}

export function Icon({ name, label, small }: IconProps) {
  const attributes = {
    className: styles.icon,
    "data-small": small || undefined,
    "data-mirrored": MIRRORED.has(name) || undefined,
    viewBox: "0 0 20 20",
  };
  if (label === undefined) {
    return (
      <svg {...attributes} aria-hidden="true">
        {draw(name)}
      </svg>
    );
  }
  return (
    <svg {...attributes} role="img">
      <title>{label}</title>
      {draw(name)}
    </svg>
  );
}
