/** Why somebody is not let in; they see the reason in the data of their `connect_error`. */
export const refused = (reason: string): Error => Object.assign(new Error(reason), { data: { reason } });
