export { type ChangeRoom, changeRoom } from "./change-room.ts";
export { createRoom } from "./create-room.ts";
export { deleteRoom } from "./delete-room.ts";
export { getClassicRoom } from "./get-classic-room.ts";
export { type JoinRoom, joinRoom } from "./join-room.ts";
export { listRooms, listStaffOnlyRooms } from "./list-rooms.ts";
export { markRead } from "./mark-read.ts";
export { openDirect } from "./open-direct.ts";
export { resumeRooms } from "./resume-rooms.ts";
