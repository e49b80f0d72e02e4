/** A value that is JSON text already, so that a reply contains it without serializing it again. */
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
