export { findPasswordWeakness, type PasswordOwner, type PasswordWeakness } from "./password-policy.ts";
