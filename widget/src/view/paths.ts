/** The launcher's icon, alone in a file so that the launcher carries no other. */

export const CHAT = "M4 12a8 7.5 0 1 1 3.5 6.200L4 19.500l1-3.300A7.300 7.300 0 0 1 4 12z";
