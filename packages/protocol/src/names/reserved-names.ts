/** Words that address people in a message; no account can have one as its name. */
export const ADDRESSING_WORDS: readonly string[] = ["all", "here", "everyone", "everybody", "channel", "room", "me"];

/** Words by which an account would seem to speak for the server. Only the operator names an account so. */
export const OFFICIAL_WORDS: readonly string[] = [
  ...["admin", "administrator", "moderator", "mod", "operator", "owner", "root", "staff", "superuser", "support"],
  ...[
    "system",
    "server",
    "multichat",
    "security",
    "official",
    "bot",
    "null",
    "undefined",
    "none",
    "anonymous",
    "deleted",
  ],
];
