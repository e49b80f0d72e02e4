export { addMember } from "./add-member.ts";
export { changeMember } from "./change-member.ts";
export { listBans } from "./list-bans.ts";
export { listMembers } from "./list-members.ts";
export { publishMembership } from "./publish-membership.ts";
export { removeMember } from "./remove-member.ts";
