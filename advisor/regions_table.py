"""Azure's regions as a table: pair, zones, who may use them, geography, what a vault can do there.

Sources: reliability/regions-list (2026-07-28) for the 57 public regions; backup-support-matrix
(2026-03-25) for cross-region restore; archive-tier-support (2025-06-24) for archive, where a no is
a region that its text of 2023-04-15 excludes; documentation-government-welcome (2022-03-07) and
overview-regions of Azure China for those clouds. Sweden South is listed as a pair only; the Jio
regions stand in azure-to-azure-support-matrix, Israel Northwest and Taiwan North in price lists.

A region a line: ARM's name; how Azure writes it; its pair, `none` or `unknown`; four answers;
geography; continent. The answers, y, n or ?: availability zones; open to every subscription (a no
wants an allow-list from Microsoft); cross-region restore of vaults; archive tier for VMs.
"""

from __future__ import annotations

PUBLIC = """
australiacentral; Australia Central; australiacentral2; nyyn; Australia; Oceania
australiacentral2; Australia Central 2; australiacentral; nnyn; Australia; Oceania
australiaeast; Australia East; australiasoutheast; yyyy; Australia; Oceania
australiasoutheast; Australia Southeast; australiaeast; nyyy; Australia; Oceania
austriaeast; Austria East; none; yyn?; Austria; Europe
belgiumcentral; Belgium Central; none; yyn?; Belgium; Europe
brazilsouth; Brazil South; southcentralus; yyyy; Brazil; South America
brazilsoutheast; Brazil Southeast; brazilsouth; nnyn; Brazil; South America
canadacentral; Canada Central; canadaeast; yyyy; Canada; North America
canadaeast; Canada East; canadacentral; nyyy; Canada; North America
centralindia; Central India; southindia; yyyy; India; Asia
centralus; Central US; eastus2; yyyy; United States; North America
chilecentral; Chile Central; none; yyn?; Chile; South America
denmarkeast; Denmark East; none; yyn?; Denmark; Europe
eastasia; East Asia; southeastasia; yyyy; Asia Pacific; Asia
eastus; East US; westus; yyyy; United States; North America
eastus2; East US 2; centralus; yyyy; United States; North America
francecentral; France Central; francesouth; yyyy; France; Europe
francesouth; France South; francecentral; nny?; France; Europe
germanynorth; Germany North; germanywestcentral; nnyn; Germany; Europe
germanywestcentral; Germany West Central; germanynorth; yyyy; Germany; Europe
indiasouthcentral; India South Central; centralindia; yy??; India; Asia
indonesiacentral; Indonesia Central; none; yyn?; Indonesia; Asia
israelcentral; Israel Central; none; yyn?; Israel; Middle East
israelnorthwest; Israel Northwest; unknown; ????; Israel; Middle East
italynorth; Italy North; none; yyn?; Italy; Europe
japaneast; Japan East; japanwest; yyyy; Japan; Asia
japanwest; Japan West; japaneast; yyyy; Japan; Asia
jioindiacentral; Jio India Central; jioindiawest; ?n??; India; Asia
jioindiawest; Jio India West; jioindiacentral; ????; India; Asia
koreacentral; Korea Central; koreasouth; yyyy; Korea; Asia
koreasouth; Korea South; koreacentral; nyyy; Korea; Asia
malaysiawest; Malaysia West; none; yyn?; Malaysia; Asia
mexicocentral; Mexico Central; none; yyn?; Mexico; North America
newzealandnorth; New Zealand North; none; yyn?; New Zealand; Oceania
northcentralus; North Central US; southcentralus; nyyy; United States; North America
northeurope; North Europe; westeurope; yyyy; Europe; Europe
norwayeast; Norway East; norwaywest; yyyy; Norway; Europe
norwaywest; Norway West; norwayeast; nnyn; Norway; Europe
polandcentral; Poland Central; none; yyn?; Poland; Europe
qatarcentral; Qatar Central; none; yyn?; Qatar; Middle East
southafricanorth; South Africa North; southafricawest; yyyy; South Africa; Africa
southafricawest; South Africa West; southafricanorth; nnyy; South Africa; Africa
southcentralus; South Central US; northcentralus; yyyy; United States; North America
southeastasia; Southeast Asia; eastasia; yyyy; Asia Pacific; Asia
southindia; South India; centralindia; nyyy; India; Asia
spaincentral; Spain Central; none; yyn?; Spain; Europe
swedencentral; Sweden Central; swedensouth; yyyy; Sweden; Europe
swedensouth; Sweden South; swedencentral; nnyy; Sweden; Europe
switzerlandnorth; Switzerland North; switzerlandwest; yyyy; Switzerland; Europe
switzerlandwest; Switzerland West; switzerlandnorth; nnyn; Switzerland; Europe
taiwannorth; Taiwan North; unknown; ????; Taiwan; Asia
uaecentral; UAE Central; uaenorth; nny?; UAE; Middle East
uaenorth; UAE North; uaecentral; yyyy; UAE; Middle East
uksouth; UK South; ukwest; yyyy; United Kingdom; Europe
ukwest; UK West; uksouth; nyyy; United Kingdom; Europe
westcentralus; West Central US; westus2; nyyy; United States; North America
westeurope; West Europe; northeurope; yyyy; Europe; Europe
westindia; West India; southindia; nyyn; India; Asia
westus; West US; eastus; nyyy; United States; North America
westus2; West US 2; westcentralus; yyyy; United States; North America
westus3; West US 3; eastus; yyyn; United States; North America
"""

US_GOVERNMENT = """
usdodcentral; US DoD Central; unknown; ????; US Government; North America
usdodeast; US DoD East; unknown; ????; US Government; North America
usgovarizona; US Gov Arizona; usgovtexas; ?yyy; US Government; North America
usgovtexas; US Gov Texas; usgovarizona; ?yyy; US Government; North America
usgovvirginia; US Gov Virginia; usgovtexas; yyyy; US Government; North America
"""

CHINA = """
chinaeast; China East; chinanorth; nyy?; China; Asia
chinaeast2; China East 2; chinanorth2; nyyy; China; Asia
chinaeast3; China East 3; chinanorth3; nny?; China; Asia
chinanorth; China North; chinaeast; nyy?; China; Asia
chinanorth2; China North 2; chinaeast2; nyyy; China; Asia
chinanorth3; China North 3; chinaeast3; yyy?; China; Asia
"""
