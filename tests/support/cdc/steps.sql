-- What happens to the leads. Each title begins a step, and each step is one transaction.
--- insert
insert into crm_lead (lead_id, phone_mobile) values ('L-new', '+14155550150');
--- update
update crm_lead set status = 'CONTACTED', amount = 0.07 where lead_id = 'L-0002';
--- opt-out by the flag
update crm_lead set do_not_call = true where lead_id = 'L-0003';
--- opt-out by the status
update crm_lead set status = 'DNC_Requested' where lead_id = 'L-0004';
--- opt-out taken back
update crm_lead set do_not_call = false where lead_id = 'L-0003';
--- number gained after the opt-out
update crm_lead set phone_home = '+14155550151' where lead_id = 'L-0004';
--- delete
delete from crm_lead where lead_id = 'L-0005';
--- delete, and the same key again
delete from crm_lead where lead_id = 'L-0006';
insert into crm_lead (lead_id, phone_mobile) values ('L-0006', '+14155550152');
--- key change
update crm_lead set lead_id = 'L-moved' where lead_id = 'L-0007';
--- opt-out of a lead that moves
update crm_lead set do_not_call = true where lead_id = 'L-0008';
--- key change that drops the flag
update crm_lead set lead_id = 'L-moved-out', do_not_call = false where lead_id = 'L-0008';
--- one transaction over many rows
update crm_lead set score = -1 where lead_id between 'L-0010' and 'L-0039';
update crm_lead set do_not_call = true where lead_id = 'L-0011';
update crm_lead set first_name = 'Doralice' where lead_id = 'L-0012';
--- rolled back: insert, opt-out, delete
begin;
insert into crm_lead (lead_id, phone_mobile) values ('L-never', '+14155550153');
update crm_lead set do_not_call = true where lead_id = 'L-0013';
delete from crm_lead where lead_id = 'L-0014';
rollback;
--- large text
insert into crm_lead (lead_id, phone_mobile, notes, history)
values ('L-big', '+14155550154', repeat('note ', 100), repeat('x', 4000));
--- update beside the large text
update crm_lead set status = 'CONTACTED' where lead_id = 'L-big';
--- large text for a lead that has none
update crm_lead set notes = repeat('text ', 100), history = repeat('x', 4000)
where lead_id in ('L-0009', 'L-0015');
--- large text that gets short
update crm_lead set notes = 'short' where lead_id = 'L-0009';
--- opt-out beside the large text
update crm_lead set do_not_call = true where lead_id = 'L-0015';
--- schema change: columns added
alter table crm_lead add column region text;
alter table crm_lead add column email text not null default 'nobody';
--- insert under the new schema
insert into crm_lead (lead_id, phone_mobile, region) values ('L-east', '+14155550155', 'east');
--- update under the new schema
update crm_lead set region = 'north' where lead_id = 'L-0016';
--- schema change: a wider type, a column gone
alter table crm_lead alter column score type bigint;
alter table crm_lead drop column email;
--- update under the third schema
update crm_lead set score = 5000000000 where lead_id = 'L-0017';
--- opt-out under the third schema
update crm_lead set do_not_call = true where lead_id = 'L-0018';
