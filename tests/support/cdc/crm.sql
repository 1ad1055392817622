-- A CRM's table of leads, and what it says of opt-outs by itself: a trigger keeps who has ever
-- opted out, and which numbers such leads had or got.
create table crm_lead (
  lead_id      text primary key,
  first_name   text,
  last_name    text,
  phone_mobile text,
  phone_home   text,
  status       text not null default 'NEW',
  do_not_call  boolean not null default false,
  score        int,
  amount       numeric(12,2),
  birth_date   date,
  updated_at   timestamptz not null default now(),
  notes        text,
  history      text
);
-- A row of more than 2 kB sends its longest columns to the side table until 128 bytes are left:
-- history and notes both. An update that leaves them alone does not log them.
alter table crm_lead set (toast_tuple_target = 128);
alter table crm_lead alter column notes set storage external;
alter table crm_lead alter column history set storage external;

create table debezium_signal (id text primary key, type text not null, data text);

create table opted_out_lead (lead_id text primary key);
create table opted_out_number (number text primary key);
create function remember() returns trigger language plpgsql as $$ begin
  if new.do_not_call or new.status = 'DNC_Requested'
     or new.lead_id in (select lead_id from opted_out_lead)
     or (tg_op = 'UPDATE' and old.lead_id in (select lead_id from opted_out_lead)) then
    insert into opted_out_lead values (new.lead_id) on conflict do nothing;
    insert into opted_out_number
      select number from unnest(array[new.phone_mobile, new.phone_home]) number
      where number is not null on conflict do nothing;
  end if;
  return null;
end $$;
create trigger remember after insert or update on crm_lead
  for each row execute function remember();

insert into crm_lead (lead_id, first_name, last_name, phone_mobile, phone_home,
                      score, amount, birth_date)
select 'L-' || lpad(n::text, 4, '0'), 'Adaeze', 'Abelsen', '+1' || 200 + n || '5550100',
       case when n % 3 = 0 then '+1' || 200 + n || '5550101' end,
       n, n * 12.5, date '1950-01-01' + n
from generate_series(1, 400) n;
