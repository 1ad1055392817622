"""Say which permissions a path needs (genesys-api section 2.3), and refuse who lacks one."""

from collections.abc import Collection

from connector.simulator import (
    bulk,
    campaign_progress,
    campaigns,
    contacts,
    dnc,
    export_paths,
    lists,
    organization,
    search,
    token_paths,
)
from connector.simulator.errors import Refusal
from connector.simulator.routes import Path
from connector.simulator.seed import Permission

Needs = tuple[tuple[Permission, ...], ...]
"""Of each group one is needed."""

NEEDS: dict[Path, Needs] = {
    contacts.add_contacts: (("outbound:contact:add",),),
    contacts.put_contact: (("outbound:contact:edit",),),
    bulk.update_contacts: (("outbound:contact:edit",),),
    contacts.get_contact: (("outbound:contact:view",),),
    contacts.fetch_contacts: (("outbound:contact:view",),),
    search.search_contacts: (("outbound:contact:view",),),
    contacts.delete_contact: (("outbound:contact:delete",),),
    contacts.delete_contacts: (("outbound:contact:delete",),),
    bulk.remove_contacts: (("outbound:contact:delete",),),
    bulk.clear_list: (("outbound:contact:delete",),),
    lists.list_contact_lists: (("outbound:contactList:view",),),
    lists.get_contact_list: (("outbound:contactList:view",),),
    lists.get_import_status: (("outbound:contactList:view",),),
    bulk.list_jobs: (("outbound:contactList:view",),),
    bulk.get_job: (("outbound:contactList:view",),),
    export_paths.export_contacts: (("outbound:contact:view",), ("outbound:contactList:view",)),
    export_paths.get_contacts_export: (
        ("outbound:contact:view",),
        ("outbound:contactList:view",),
    ),
    lists.put_contact_list: (("outbound:contactList:edit",),),  # ours
    dnc.add_numbers: (("outbound:dnc:add",),),
    dnc.add_emails: (("outbound:dnc:add",),),
    dnc.patch_numbers: (("outbound:dnc:edit",),),
    dnc.patch_emails: (("outbound:dnc:edit",),),
    dnc.patch_whats_app: (("outbound:dnc:edit",),),
    dnc.patch_custom: (("outbound:dnc:edit",),),
    dnc.delete_numbers: (("outbound:dnc:delete",),),
    dnc.delete_emails: (("outbound:dnc:delete",),),
    dnc.delete_whats_app: (("outbound:dnc:delete",),),
    dnc.delete_custom: (("outbound:dnc:delete",),),
    dnc.list_dnc_lists: (("outbound:dncList:view",),),
    dnc.get_dnc_list: (("outbound:dncList:view",),),
    dnc.get_import_status: (("outbound:dncList:view",),),  # ours
    export_paths.export_dnc_list: (("outbound:dncList:view",),),  # ours
    export_paths.get_dnc_export: (("outbound:dncList:view",),),  # ours
    campaigns.list_campaigns: (("outbound:campaign:view",),),
    campaigns.get_campaign: (("outbound:campaign:view",),),
    campaign_progress.get_progress: (("outbound:campaign:view",),),
    campaign_progress.get_progress_of_many: (("outbound:campaign:view",),),
    campaigns.put_campaign: (("outbound:campaign:edit",),),
    campaigns.patch_campaign: (("outbound:campaign:edit",),),
    campaigns.start_campaign: (("outbound:campaign:start",),),
    campaigns.stop_campaign: (("outbound:campaign:stop",),),
    campaign_progress.recycle: (("outbound:campaign:edit", "outbound:campaign:recycle"),),
    # Of these nothing is known; whoever has a token may.
    token_paths.give_token: (),
    token_paths.describe_token: (),
    export_paths.download: (),
    organization.get_limits: (),
    organization.get_default_limits: (),
}


def lacking(path: Path, held: Collection[str] | None) -> Refusal | None:
    """Return the refusal of a client that holds too little for a path; None *held* is all."""
    if held is None:
        return None
    for group in NEEDS[path]:
        if not any(each in held for each in group):
            return _missing(group)
    return None


def _missing(group: tuple[Permission, ...]) -> Refusal:
    code = "missing.permissions" if len(group) == 1 else "missing.any.permissions"
    names = ", ".join(group)
    text = f"Unable to perform the requested action. You are missing the permission: {names}"
    return Refusal(403, code, text)
