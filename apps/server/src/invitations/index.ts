export {
  type AcceptInvitation,
  acceptInvitation,
  type CreateInvitation,
  createInvitation,
  listInvitations,
  readInvitation,
  revokeInvitation,
} from "./invitations.ts";
