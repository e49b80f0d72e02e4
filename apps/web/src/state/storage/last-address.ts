/** Where the address of the open rooms is stored, to return there. */
export const LAST_ADDRESS_KEY = "multichat.place";
