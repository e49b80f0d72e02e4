/** A value as JSON, made where it was read or the last time that it was asked for, which an answer contains as it is. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Makes an object of properties, of which some are JSON already. */
  static object(properties: Readonly<Record<string, unknown>>): JsonText {
    const members = Object.entries(properties).flatMap(([name, value]) => {
      const text = value instanceof JsonText ? value.text : JSON.stringify(value);
      return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
    });
    return new JsonText(`{${members.join(",")}}`);
  }
}
