"""Pathways in text: names, contexts, abbreviations, rounds, new names."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from extract.pathways import find_pathways, pathway_of_round
from extract.pathways.names import missing_names
from extract.pathways.novel import find_novel
from extract.pathways.paraphrases import load_paraphrases
from extract.vocabulary import load_aliases, load_jurisdictions, load_pathways

# Each text with the pathways that it names; what it shows stands behind it.
NAMED = [
    ("Ottawa will lower its immigration levels next year, the minister said while tabling the plan in Canada's Parliament.", {"ca-levels"}),  # Immigration Levels Plan
    ("The 2026-2028 Immigration Levels Plan holds permanent admissions at 380,000.", {"ca-levels"}),  # Immigration Levels Plan
    ("Canada plans to admit 395,000 permanent residents in 2025.", {"ca-levels"}),  # Immigration Levels Plan
    ("Canada aims to bring in half a million newcomers a year by 2025.", {"ca-levels"}),  # Immigration Levels Plan
    ("Canada's new multi-year levels plan was tabled in Parliament.", {"ca-levels"}),  # Immigration Levels Plan
    ("The federal government wants to welcome 1.45 million new immigrants to Canada by 2025.", {"ca-levels"}),  # Immigration Levels Plan
    ("Canada's Tech Talent Strategy was unveiled at a conference in Toronto.", {"ca-tts"}),  # Tech Talent Strategy
    ("Under the Global Skills Strategy, IRCC processes some applications in two weeks.", {"ca-gss"}),  # Global Skills Strategy
    ("IRCC held a new Express Entry draw on Tuesday, with a cut-off score of 529.", {"ca-ee"}),  # Express Entry
    ("The latest EE draw saw 3,500 ITAs issued by IRCC.", {"ca-ee"}),  # Express Entry
    ("Federal Skilled Workers, the Canadian Experience Class and the Federal Skilled Trades class are managed by Express Entry.", {"ca-ee", "ca-ee-cec", "ca-ee-fst", "ca-ee-fsw"}),  # Express Entry; Federal Skilled Worker Program; Canadian Experience Class; Federal Skilled Trades Program
    ("IRCC invited 4,000 CEC candidates in its last Express Entry round.", {"ca-ee", "ca-ee-cec"}),  # Express Entry; Canadian Experience Class
    ("FSWP and FSTP applicants must show settlement funds to IRCC.", {"ca-ee-fst", "ca-ee-fsw"}),  # Federal Skilled Worker Program; Federal Skilled Trades Program
    ("Canada holds its second PNP draw of the month in Express Entry, inviting 825 candidates.", {"ca-ee", "ca-ee-pnp"}),  # Express Entry; Express Entry rounds for provincial nominees
    ("IRCC issued 1,123 invitations to provincial nominees on Monday in an Express Entry draw.", {"ca-ee", "ca-ee-pnp"}),  # Express Entry; Express Entry rounds for provincial nominees
    ("Today's all-program draw is the first since 2021, IRCC said.", {"ca-ee-general"}),  # Express Entry general (all-program) rounds
    ("In a general draw on 23 April, IRCC invited 2,095 Express Entry candidates.", {"ca-ee", "ca-ee-general"}),  # Express Entry; Express Entry general (all-program) rounds
    ("IRCC issued 3,000 ITAs in a round with no program specified.", {"ca-ee-general"}),  # Express Entry general (all-program) rounds
    ("Category-based selection lets the Canadian minister choose candidates by occupation.", {"ca-ee-cbs"}),  # Express Entry category-based selection (category not named)
    ("A French-language draw by IRCC invited 7,500 candidates with a cut-off of 379.", {"ca-ee-french"}),  # Express Entry: French-language proficiency
    ("IRCC held a draw for French-speaking Express Entry candidates on Friday.", {"ca-ee", "ca-ee-french"}),  # Express Entry; Express Entry: French-language proficiency
    ("Canada invites 4,000 healthcare workers in category-based Express Entry draw.", {"ca-ee", "ca-ee-cbs", "ca-ee-health"}),  # Express Entry; Express Entry category-based selection (category not named); Express Entry: healthcare...
    ("The health care and social services category had a cut-off of 470 in Canada's latest round.", {"ca-ee-health"}),  # Express Entry: healthcare and social services occupations
    ("IRCC invited STEM candidates in a category-based draw under Express Entry.", {"ca-ee", "ca-ee-cbs", "ca-ee-stem"}),  # Express Entry; Express Entry category-based selection (category not named); Express Entry: STEM occup...
    ("Trade occupations were drawn for the first time in Canada, with 1,500 ITAs.", {"ca-ee-trades"}),  # Express Entry: trade occupations
    ("IRCC held an Express Entry draw for trades, inviting 1,800.", {"ca-ee", "ca-ee-trades"}),  # Express Entry; Express Entry: trade occupations
    ("The transport category was dropped by IRCC in 2025.", {"ca-ee-transport"}),  # Express Entry: transport occupations
    ("Agriculture and agri-food is no longer a category of Express Entry.", {"ca-ee", "ca-ee-agri"}),  # Express Entry; Express Entry: agriculture and agri-food occupations
    ("IRCC's new education category covers teachers and instructors.", {"ca-ee-education"}),  # Express Entry: education occupations
    ("IRCC opened a category for physicians with Canadian work experience.", {"ca-ee-physicians"}),  # Express Entry: physicians with Canadian work experience
    ("A draw for senior managers with Canadian work experience invited 250 in Canada.", {"ca-ee-senior-managers"}),  # Express Entry: senior managers with Canadian work experience
    ("Skilled military recruits got four invitations in IRCC's draw.", {"ca-ee-military"}),  # Express Entry: skilled military recruits
    ("Researchers with Canadian work experience are a category of Express Entry since February.", {"ca-ee", "ca-ee-researchers"}),  # Express Entry; Express Entry: researchers with Canadian work experience
    ("Provinces want larger allocations under the Provincial Nominee Program.", {"ca-pnp"}),  # Provincial Nominee Program
    ("PNPs let provinces choose the workers that they need.", {"ca-pnp"}),  # Provincial Nominee Program
    ("Ontario's PNP issued 2,000 invitations under its Masters Graduate and PhD Graduate streams.", {"ca-on-oinp", "ca-on-oinp-masters", "ca-on-oinp-phd"}),  # Ontario Immigrant Nominee Program; OINP Masters Graduate; OINP PhD Graduate
    ("The OINP targeted health workers in its Employer Job Offer: Foreign Worker stream.", {"ca-on-oinp", "ca-on-oinp-ejo-fw"}),  # Ontario Immigrant Nominee Program; OINP Employer Job Offer: Foreign Worker
    ("Ontario Immigrant Nominee Program: the French-Speaking Skilled Worker stream invited 300.", {"ca-on-oinp", "ca-on-oinp-fssw"}),  # Ontario Immigrant Nominee Program; OINP French-Speaking Skilled Worker
    ("The OINP issued notifications of interest under the Human Capital Priorities stream.", {"ca-on-oinp", "ca-on-oinp-hcp"}),  # Ontario Immigrant Nominee Program; OINP Human Capital Priorities
    ("Ontario's REDI pilot targets communities in the north of the province.", {"ca-on-oinp-redi"}),  # OINP Regional Economic Development through Immigration
    ("The OINP Skilled Trades stream was suspended.", {"ca-on-oinp", "ca-on-oinp-st"}),  # Ontario Immigrant Nominee Program; OINP Skilled Trades
    ("The OINP's International Student stream and In-Demand Skills stream reopen.", {"ca-on-oinp", "ca-on-oinp-ejo-ids", "ca-on-oinp-ejo-is"}),  # Ontario Immigrant Nominee Program; OINP Employer Job Offer: International Student; OINP Employer Job ...
    ("OINP closes its Entrepreneur Stream to new registrations.", {"ca-on-oinp", "ca-on-oinp-entrepreneur"}),  # Ontario Immigrant Nominee Program; OINP Entrepreneur
    ("B.C. held a BC PNP draw under the Skilled Worker and International Graduate categories.", {"ca-bc-pnp", "ca-bc-pnp-ig", "ca-bc-pnp-sw"}),  # British Columbia Provincial Nominee Program; BC PNP Skilled Worker; BC PNP International Graduate
    ("The BC PNP's Skills Immigration stream now targets health workers.", {"ca-bc-pnp", "ca-bc-pnp-skills"}),  # British Columbia Provincial Nominee Program; BC PNP Skills Immigration
    ("British Columbia's provincial nominee program pauses its International Post-Graduate stream.", {"ca-bc-pnp", "ca-bc-pnp-ipg"}),  # British Columbia Provincial Nominee Program; BC PNP International Post-Graduate
    ("B.C. ended the Entry Level and Semi-Skilled stream.", {"ca-bc-pnp-elss"}),  # BC PNP Entry Level and Semi-Skilled
    ("Express Entry BC nominees in British Columbia get 600 points.", {"ca-bc-pnp-ee"}),  # BC PNP Express Entry BC
    ("BC PNP Tech gives weekly invitations to tech workers.", {"ca-bc-pnp", "ca-bc-pnp-tech"}),  # British Columbia Provincial Nominee Program; BC PNP Tech
    ("The Entrepreneur Immigration stream of the BC PNP includes a regional pilot.", {"ca-bc-pnp", "ca-bc-pnp-ei"}),  # British Columbia Provincial Nominee Program; BC PNP Entrepreneur Immigration
    ("Alberta's AAIP held a draw under the Alberta Opportunity Stream.", {"ca-ab-aaip", "ca-ab-aaip-aos"}),  # Alberta Advantage Immigration Program (formerly AINP); Alberta Opportunity Stream
    ("The Alberta Express Entry Stream and its Accelerated Tech Pathway invited 100.", {"ca-ab-aaip-aees", "ca-ab-aaip-tech"}),  # Alberta Express Entry Stream; Alberta Accelerated Tech Pathway
    ("The Alberta Immigrant Nominee Program (AINP) was renamed.", {"ca-ab-aaip"}),  # Alberta Advantage Immigration Program (formerly AINP)
    ("The Dedicated Health Care Pathway, the Law Enforcement Pathway and the Rural Renewal Stream are Alberta's.", {"ca-ab-aaip-health", "ca-ab-aaip-law", "ca-ab-aaip-rrs"}),  # Alberta Dedicated Health Care Pathways; Alberta Law Enforcement Pathway; Alberta Rural Renewal Stream
    ("Alberta's Tourism and Hospitality Stream opened in March.", {"ca-ab-aaip-ths"}),  # Alberta Tourism and Hospitality Stream
    ("SINP's International Skilled Worker category has two sub-categories: Occupations In-Demand and Saskatchewan Express Entry.", {"ca-sk-sinp", "ca-sk-sinp-isw", "ca-sk-sinp-isw-ee", "ca-sk-sinp-isw-oid"}),  # Saskatchewan Immigrant Nominee Program; SINP International Skilled Worker; SINP International Skilled...
    ("Saskatchewan opened the Hard-to-Fill Skills Pilot.", {"ca-sk-sinp-hsp"}),  # SINP Hard-to-Fill Skills Pilot
    ("Saskatchewan's Tech Talent Pathway and Health Talent Pathway have priority, as does the Agriculture Talent Pathway.", {"ca-sk-sinp-agri", "ca-sk-sinp-health", "ca-sk-sinp-tech"}),  # SINP Tech Talent Pathway; SINP Health Talent Pathway; SINP Agriculture Talent Pathway
    ("The MPNP issued letters under Skilled Worker in Manitoba and Skilled Worker Overseas.", {"ca-mb-mpnp", "ca-mb-mpnp-swm", "ca-mb-mpnp-swo"}),  # Manitoba Provincial Nominee Program; MPNP Skilled Worker in Manitoba; MPNP Skilled Worker Overseas
    ("Manitoba's International Education Stream got 47 letters of advice to apply.", {"ca-mb-mpnp-ies"}),  # MPNP International Education Stream
    ("The MPNP Business Investor Stream was reformed.", {"ca-mb-mpnp", "ca-mb-mpnp-bis"}),  # Manitoba Provincial Nominee Program; MPNP Business Investor Stream
    ("Nova Scotia's Labour Market Priorities stream invited carpenters.", {"ca-ns-nsnp-lmp"}),  # NSNP Labour Market Priorities
    ("The Nova Scotia Nominee Program has an Occupations in Demand stream and an International Graduates in Demand stream.", {"ca-ns-nsnp", "ca-ns-nsnp-iig", "ca-ns-nsnp-oid"}),  # Nova Scotia Nominee Program; NSNP Occupations in Demand; NSNP International Graduates in Demand
    ("The NSNP's Labour Market Priorities for Physicians stream closed.", {"ca-ns-nsnp", "ca-ns-nsnp-lmp-physicians"}),  # Nova Scotia Nominee Program; NSNP Labour Market Priorities for Physicians
    ("New Brunswick invited people under its Strategic Initiative stream and its Skilled Worker stream.", {"ca-nb-nbpnp-si", "ca-nb-nbpnp-sw"}),  # NBPNP Strategic Initiative; NBPNP Skilled Worker
    ("PEI issued invitations under Labour Impact and Business Impact in its latest PEI PNP draw.", {"ca-pe-pnp", "ca-pe-pnp-business", "ca-pe-pnp-lw"}),  # Prince Edward Island Provincial Nominee Program; PEI PNP Labour Impact; PEI PNP Business Impact
    ("Newfoundland and Labrador's Priority Skills stream takes tech workers.", {"ca-nl-nlpnp-pss"}),  # NLPNP Priority Skills
    ("The Newfoundland and Labrador Provincial Nominee Program (NLPNP) has an International Graduate category.", {"ca-nl-nlpnp", "ca-nl-nlpnp-ig"}),  # Newfoundland and Labrador Provincial Nominee Program; NLPNP International Graduate
    ("The Yukon Nominee Program and the Northwest Territories Nominee Program got more spaces.", {"ca-nt-ntnp", "ca-yt-ynp"}),  # Yukon Nominee Program; Northwest Territories Nominee Program
    ("Employers in Atlantic Canada hire through the Atlantic Immigration Program (AIP).", {"ca-aip"}),  # Atlantic Immigration Program (formerly the Atlantic Immigration Pilot)
    ("The Atlantic Immigration Pilot began in 2017.", {"ca-aip"}),  # Atlantic Immigration Program (formerly the Atlantic Immigration Pilot)
    ("Thunder Bay was part of the RNIP; it is now in the Rural Community Immigration Pilot and not the FCIP.", {"ca-fcip", "ca-rcip", "ca-rnip"}),  # Rural and Northern Immigration Pilot; Rural Community Immigration Pilot; Francophone Community Immigr...
    ("The Agri-Food Pilot closes in May.", {"ca-agri-food"}),  # Agri-Food Pilot
    ("Refugees with skills may use the Economic Mobility Pathways Pilot.", {"ca-empp"}),  # Economic Mobility Pathways Pilot
    ("Canada's start-up visa has a long queue, and the Self-Employed Persons Program is paused.", {"ca-sep", "ca-suv"}),  # Start-up Visa Program; Self-Employed Persons Program
    ("Canada's caregiver program has become the Home Care Worker Immigration Pilots.", {"ca-caregivers", "ca-hcwip"}),  # Caregiver programs and pilots (pilot not named); Home Care Worker Immigration Pilots
    ("The Home Child Care Provider Pilot and the Home Support Worker Pilot ended.", {"ca-hccp", "ca-hswp"}),  # Home Child Care Provider Pilot; Home Support Worker Pilot
    ("The TR to PR pathway of 2021 drew 90,000 applications in Canada.", {"ca-tr2pr"}),  # Temporary Resident to Permanent Resident Pathway (2021)
    ("The In-Canada Workers Initiative grants 33,000 people permanent residence.", {"ca-icwi"}),  # In-Canada Workers Initiative (2026)
    ("Hong Kong residents may use Stream B of the permanent residence pathways for Hong Kong residents.", {"ca-hk-pr"}),  # Permanent residence pathways for Hong Kong residents (Streams A and B)
    ("Canada extended the open work permit for Hong Kong graduates.", {"ca-hk-owp"}),  # Open work permit for Hong Kong graduates
    ("Officers may issue a temporary resident permit (TRP) to someone who is inadmissible.", {"ca-trp"}),  # Temporary resident permit
    ("Quebec ended the PEQ and selects through the PSTQ, with Arrima invitations.", {"ca-qc-arrima", "ca-qc-peq", "ca-qc-pstq"}),  # Québec Experience Program; Québec Skilled Worker Selection Program; Québec Arrima expression of inter...
    ("The Programme de l'expérience québécoise was suspended by Quebec.", {"ca-qc-peq"}),  # Québec Experience Program
    ("The Quebec Regular Skilled Worker Program was replaced by the Skilled Worker Selection Program.", {"ca-qc-pstq", "ca-qc-rswp"}),  # Québec Regular Skilled Worker Program; Québec Skilled Worker Selection Program
    ("Québec's investor program stays suspended.", {"ca-qc-business"}),  # Québec business immigration programs
    ("Employers need a positive LMIA under the Temporary Foreign Worker Program.", {"ca-lmia", "ca-tfwp"}),  # Labour Market Impact Assessment; Temporary Foreign Worker Program
    ("Ottawa won't process low-wage LMIAs in cities with high unemployment.", {"ca-lmia", "ca-tfwp-lw"}),  # TFWP Low-Wage Stream; Labour Market Impact Assessment
    ("The high-wage stream of the TFWP needs a transition plan.", {"ca-tfwp", "ca-tfwp-hw"}),  # TFWP High-Wage Stream; Temporary Foreign Worker Program
    ("Mexican workers come to Canada under the Seasonal Agricultural Worker Program.", {"ca-tfwp-sawp"}),  # Seasonal Agricultural Worker Program
    ("The Recognized Employer Pilot (REP) gives three-year LMIAs.", {"ca-tfwp-rep"}),  # Recognized Employer Pilot
    ("Employers use the International Mobility Program for intra-company transferees in Canada.", {"ca-imp", "ca-imp-ict"}),  # International Mobility Program; Intra-company transfer work permit
    ("CUSMA professionals need no LMIA to work in Canada.", {"ca-imp-cusma"}),  # CUSMA (formerly NAFTA) professionals and other CUSMA work permits
    ("The Innovation Stream is part of Canada's International Mobility Program.", {"ca-imp", "ca-imp-innovation"}),  # International Mobility Program; Innovation Stream
    ("Francophone Mobility lets employers outside Quebec hire French speakers in Canada.", {"ca-imp-francophone"}),  # Francophone Mobility (Mobilité francophone)
    ("International Experience Canada has a Working Holiday pool, a Young Professionals pool and an International Co-op pool.", {"ca-iec", "ca-iec-coop", "ca-iec-wh", "ca-iec-yp"}),  # International Experience Canada; IEC Working Holiday; IEC Young Professionals; IEC International Co-op
    ("Canada narrows the post-graduation work permit: PGWP applicants must show language results.", {"ca-pgwp"}),  # Post-Graduation Work Permit
    ("Canada will limit spousal open work permits to spouses of master's students.", {"ca-sowp"}),  # Spousal open work permit
    ("Bridging open work permits (BOWP) keep applicants at work while IRCC decides.", {"ca-bowp"}),  # Bridging open work permit
    ("Students on placements need a co-op work permit in Canada.", {"ca-coop-wp"}),  # Co-op work permit
    ("Canada's open work permit for vulnerable workers lasts a year.", {"ca-vulnerable-owp"}),  # Open work permit for vulnerable workers
    ("IRCC approved fewer study permits last year, and the Student Direct Stream ended.", {"ca-sds", "ca-study-permit"}),  # Study permit (international students); Student Direct Stream
    ("Canada's cap on international students fell to 437,000.", {"ca-study-permit"}),  # Study permit (international students)
    ("Most visitors to Canada need a visitor visa or an eTA.", {"ca-eta", "ca-trv"}),  # Visitor (temporary resident) visa; Electronic Travel Authorization (Canada)
    ("The super visa lets parents stay in Canada for five years.", {"ca-super-visa"}),  # Super Visa
    ("Digital nomads may work in Canada as visitors.", {"ca-digital-nomad"}),  # Digital nomads in Canada
    ("Spousal sponsorship in Canada takes about a year.", {"ca-family-spouse"}),  # Spouse and partner sponsorship
    ("IRCC sends invitations under the Parents and Grandparents Program (PGP) this summer.", {"ca-pgp"}),  # Parents and Grandparents Program
    ("Government-assisted refugees and privately sponsored refugees arrive in Canada each year; BVOR cases are few.", {"ca-refugee-bvor", "ca-refugee-gar", "ca-refugee-psr"}),  # Government-assisted refugees; Private Sponsorship of Refugees; Blended Visa Office-Referred program
    ("Asylum claims in Canada fell in the first half of the year.", {"ca-asylum"}),  # Asylum claims in Canada
    ("Ukrainians came to Canada under CUAET.", {"ca-cuaet"}),  # Canada-Ukraine authorization for emergency travel
    ("Applications for Canadian citizenship may be filed online.", {"ca-citizenship"}),  # Canadian citizenship grants
    ("USCIS received enough petitions to reach the H-1B cap for fiscal year 2026.", {"us-h1b"}),  # H-1B specialty occupation visa
    ("The H-1B1 and E-3 visa caps are rarely reached in the United States.", {"us-e-treaty", "us-h1b1"}),  # H-1B1 (Chile and Singapore); E-1 / E-2 / E-3 visas
    ("Spouses on H-4 visas may work in the United States.", {"us-h4"}),  # H-4 dependants and H-4 work authorization
    ("H-2A farm workers and H-2B seasonal workers are counted apart.", {"us-h2a", "us-h2b"}),  # H-2A agricultural workers; H-2B non-agricultural workers
    ("L-1 visas let American companies transfer managers.", {"us-l1"}),  # L-1 intracompany transferees
    ("O-1 visas are for people of extraordinary ability.", {"us-o1"}),  # O-1 extraordinary ability
    ("Canadians may get TN status at the border with the United States.", {"us-tn"}),  # TN professionals (USMCA)
    ("F-1 students in the U.S. use Optional Practical Training (OPT), and the STEM OPT extension adds two years.", {"us-f1", "us-opt", "us-stem-opt"}),  # F-1 students; Optional Practical Training; STEM OPT extension
    ("The J-1 exchange visitor rule was published by the State Department.", {"us-j1"}),  # J-1 exchange visitors
    ("Employment-based green cards in the EB-2 and EB-3 categories face a backlog in the United States.", {"us-eb", "us-eb2", "us-eb3"}),  # Employment-based green cards (preference not named); EB-2 (with the National Interest Waiver); EB-3
    ("The EB-5 Immigrant Investor Program has set-aside visas.", {"us-eb5"}),  # EB-5 immigrant investors
    ("Winners of the green card lottery, formally the Diversity Visa program, must apply by September.", {"us-dv"}),  # Diversity Visa lottery
    ("DHS ended Temporary Protected Status for Venezuela.", {"us-tps"}),  # Temporary Protected Status
    ("DACA recipients, or Dreamers, in the United States await a ruling.", {"us-daca"}),  # Deferred Action for Childhood Arrivals
    ("The CHNV parole program for Cubans, Haitians, Nicaraguans and Venezuelans was ended by DHS.", {"us-parole"}),  # Humanitarian parole programs
    ("The refugee ceiling under the U.S. Refugee Admissions Program is 7,500.", {"us-refugee"}),  # US Refugee Admissions Program
    ("USCIS changed the naturalization test.", {"us-naturalization"}),  # Naturalization
    ("The Trump Gold Card costs $1 million.", {"us-gold-card"}),  # Gold Card
    ("Asylum seekers at the U.S. border face a new fee.", {"us-asylum"}),  # Asylum (United States)
    ("The Home Office raised the Skilled Worker visa salary threshold to £41,700.", {"gb-skilled-worker"}),  # Skilled Worker visa (formerly Tier 2 General)
    ("UK care workers may no longer bring dependants on the Health and Care Worker visa.", {"gb-health-care"}),  # Health and Care Worker visa
    ("The Graduate route in the UK is cut to 18 months.", {"gb-graduate"}),  # Graduate visa
    ("International students in Britain need a Student visa.", {"gb-student"}),  # Student visa
    ("The UK's Global Talent visa and High Potential Individual route will grow.", {"gb-global-talent", "gb-hpi"}),  # Global Talent visa; High Potential Individual visa
    ("The Scale-up visa and Global Business Mobility routes in the UK cost more.", {"gb-gbm", "gb-scale-up"}),  # Scale-up Worker visa; Global Business Mobility routes
    ("The UK's seasonal worker scheme gets 45,000 visas.", {"gb-seasonal"}),  # Seasonal Worker visa
    ("A youth mobility scheme between the EU and Britain is under negotiation.", {"gb-yms"}),  # Youth Mobility Scheme
    ("The minimum income for family visas in the UK rose to £29,000.", {"gb-family"}),  # Family visas
    ("The UK's Innovator Founder visa replaced the Start-up visa.", {"gb-innovator"}),  # Innovator Founder visa
    ("Jobs on the Immigration Salary List get a lower threshold in the UK; it replaced the Shortage Occupation List.", {"gb-isl"}),  # Immigration Salary List and Temporary Shortage List (formerly Shortage Occupation List)
    ("Migrants in Britain will wait ten years for settlement, or indefinite leave to remain.", {"gb-settlement"}),  # Settlement (indefinite leave to remain)
    ("EU citizens apply to the EU Settlement Scheme.", {"gb-euss"}),  # EU Settlement Scheme
    ("Europeans need an Electronic Travel Authorisation (ETA) for the UK.", {"gb-eta"}),  # Electronic Travel Authorisation (UK)
    ("The Standard Visitor visa fee rises in the UK.", {"gb-visitor"}),  # Standard Visitor visa
    ("Australia keeps its permanent Migration Program at 185,000 places.", {"au-program"}),  # Migration Program planning levels
    ("State nomination places for the Skilled Nominated visa (subclass 190) and the subclass 491 visa were published in Australia.", {"au-190", "au-491"}),  # Skilled Nominated visa (subclass 190); Skilled Work Regional visa (subclass 491)
    ("The Skilled Independent visa (subclass 189) invitation round took place in Australia.", {"au-189"}),  # Skilled Independent visa (subclass 189)
    ("Australia's Skills in Demand visa replaced the Temporary Skill Shortage visa, the successor of the 457 visa.", {"au-457", "au-482"}),  # Skills in Demand visa (subclass 482; formerly Temporary Skill Shortage); Temporary Work (Skilled) vis...
    ("The Employer Nomination Scheme takes holders of 482 visas in Australia.", {"au-186", "au-482"}),  # Employer Nomination Scheme (subclass 186); Skills in Demand visa (subclass 482; formerly Temporary Sk...
    ("The Temporary Graduate visa in Australia has an age limit of 35.", {"au-485"}),  # Temporary Graduate visa (subclass 485)
    ("The student visa fee in Australia more than doubled.", {"au-500"}),  # Student visa (subclass 500)
    ("The National Innovation visa replaced Australia's Global Talent visa.", {"au-858"}),  # National Innovation visa (subclass 858; formerly Global Talent)
    ("Working holiday makers on subclass 417 visas pick fruit in Australia.", {"au-whm"}),  # Working Holiday Maker visas (subclasses 417 and 462)
    ("The Business Innovation and Investment Program closed in Australia.", {"au-business"}),  # Business Innovation and Investment visas
    ("Partner visa applicants in Australia wait for years, parent visa applicants for decades.", {"au-parent", "au-partner"}),  # Partner visas; Parent visas (temporary sponsored parent visa included)
    ("Australia's Humanitarian Program gives 20,000 places.", {"au-humanitarian"}),  # Humanitarian Program
    ("New Zealand changed the Accredited Employer Work Visa.", {"nz-aewv"}),  # Accredited Employer Work Visa
    ("The Skilled Migrant Category gets two new pathways in New Zealand, said INZ.", {"nz-smc"}),  # Skilled Migrant Category Resident Visa
    ("Nurses are on New Zealand's Green List.", {"nz-green-list"}),  # Green List
    ("The Active Investor Plus visa drew Americans to New Zealand.", {"nz-investor"}),  # Active Investor Plus Visa
    ("The Parent Resident Visa ballot in New Zealand was drawn.", {"nz-parent"}),  # Parent Resident Visa
    ("New Zealand's RSE scheme cap rises to 20,750.", {"nz-rse"}),  # Recognised Seasonal Employer scheme
    ("Student visa holders in New Zealand may work 25 hours.", {"nz-student"}),  # Student Visa
    ("The post-study work visa in New Zealand lasts up to three years.", {"nz-post-study"}),  # Post Study Work Visa
    ("Working holiday visas for New Zealand open to Argentines.", {"nz-whv"}),  # Working Holiday Visa
    ("Canada\u2019s \u201cStart\u2011up Visa\u201d is closed.", {"ca-suv"}),  # Start-up Visa Program
    ("CANADA'S EXPRESS ENTRY SYSTEM TURNS TEN", {"ca-ee"}),  # Express Entry
    ("The Federal Skilled Trades Programme is small in Canada.", {"ca-ee-fst"}),  # Federal Skilled Trades Program
    ("Canada Express Entry: IRCC conducts draw #415 for French speakers", {"ca-ee", "ca-ee-french"}),  # Express Entry; Express Entry: French-language proficiency
    ("The minimum CRS score for the provincial nominee draw was 802, IRCC said in an Express Entry update.", {"ca-ee", "ca-ee-pnp"}),  # Express Entry; Express Entry rounds for provincial nominees
    ("IRCC invites 589 PNP candidates in the latest Express Entry draw.", {"ca-ee", "ca-ee-pnp"}),  # Express Entry; Express Entry rounds for provincial nominees
    ("The draw invited only candidates from the Canadian Experience Class (CEC), IRCC said.", {"ca-ee-cec"}),  # Canadian Experience Class
    ("CEC-only draws have been rare in Canada this year.", {"ca-ee-cec"}),  # Canadian Experience Class
    ("Candidates in the health category of Express Entry saw the cut-off fall to 475.", {"ca-ee", "ca-ee-health"}),  # Express Entry; Express Entry: healthcare and social services occupations
    ("IRCC's healthcare-targeted draw of last week issued 500 ITAs through Express Entry.", {"ca-ee", "ca-ee-health"}),  # Express Entry; Express Entry: healthcare and social services occupations
    ("The first STEM-targeted draw took place in July 2023 under Canada's Express Entry.", {"ca-ee", "ca-ee-stem"}),  # Express Entry; Express Entry: STEM occupations
    ("Canada held its first-ever Express Entry draw for education occupations.", {"ca-ee", "ca-ee-education"}),  # Express Entry; Express Entry: education occupations
    ("Category-based draws favoured French-language proficiency, health, trades and education in Canada's Express Entry.", {"ca-ee", "ca-ee-cbs", "ca-ee-education", "ca-ee-french", "ca-ee-health", "ca-ee-trades"}),  # Express Entry; Express Entry category-based selection (category not named); Express Entry: French-lan...
    ("Ontario invited 1,500 candidates with the OINP's Express Entry Human Capital Priorities stream.", {"ca-on-oinp", "ca-on-oinp-hcp"}),  # Ontario Immigrant Nominee Program; OINP Human Capital Priorities
    ("The OINP's Employer Job Offer streams will be merged.", {"ca-on-oinp", "ca-on-oinp-ejo"}),  # Ontario Immigrant Nominee Program; OINP Employer Job Offer category
    ("Ontario may close the Masters Graduate, PhD Graduate, Human Capital Priorities, French-Speaking Skilled Worker and Skilled Trades streams.", {"ca-on-oinp-fssw", "ca-on-oinp-hcp", "ca-on-oinp-masters", "ca-on-oinp-phd", "ca-on-oinp-st"}),  # OINP Masters Graduate; OINP PhD Graduate; OINP Human Capital Priorities; OINP French-Speaking Skilled...
    ("Manitoba nominated more people through its provincial nominee program.", {"ca-mb-mpnp"}),  # Manitoba Provincial Nominee Program
    ("Saskatchewan's SINP paused its Entrepreneur and Farm categories.", {"ca-sk-sinp", "ca-sk-sinp-entrepreneur"}),  # Saskatchewan Immigrant Nominee Program; SINP Entrepreneur and Farm
    ("The Saskatchewan Experience category includes students.", {"ca-sk-sinp-experience"}),  # SINP Saskatchewan Experience
    ("Nova Scotia's provincial nominee program and the AIP have a single intake.", {"ca-aip", "ca-ns-nsnp"}),  # Nova Scotia Nominee Program; Atlantic Immigration Program (formerly the Atlantic Immigration Pilot)
    ("New Brunswick's Business Immigration stream is closed to newcomers.", {"ca-nb-nbpnp-business"}),  # NBPNP Business Immigration
    ("Newfoundland's NLPNP and AIP share an expression of interest model.", {"ca-aip", "ca-nl-nlpnp"}),  # Newfoundland and Labrador Provincial Nominee Program; Atlantic Immigration Program (formerly the Atla...
    ("The rural pilots RCIP and FCIP open in fourteen communities.", {"ca-fcip", "ca-rcip"}),  # Rural Community Immigration Pilot; Francophone Community Immigration Pilot
    ("Canada launches permanent residence pathways for people from Hong Kong: Stream A and Stream B.", {"ca-hk-pr"}),  # Permanent residence pathways for Hong Kong residents (Streams A and B)
    ("The post-graduate work permit rules of Canada changed in November 2024.", {"ca-pgwp"}),  # Post-Graduation Work Permit
    ("International graduates may get a PGWP for three years.", {"ca-pgwp"}),  # Post-Graduation Work Permit
    ("Open work permits for spouses of skilled workers are limited in Canada.", {"ca-sowp"}),  # Spousal open work permit
    ("Canada caps international students: the study permit cap falls by 10 per cent.", {"ca-study-permit"}),  # Study permit (international students)
    ("Provincial attestation letters show that a student has a place under Canada's cap on study permits.", {"ca-study-permit"}),  # Study permit (international students)
    ("IRCC issued 45,000 study permits and 80,000 work permits.", {"ca-study-permit", "ca-work-permit"}),  # Study permit (international students); Work permit (kind not named)
    ("The SDS stream ended; Nigerian students used the Nigeria Student Express in Canada.", {"ca-sds"}),  # Student Direct Stream
    ("Visitor visa refusals are up in Canada. A TRV costs $100.", {"ca-trv"}),  # Visitor (temporary resident) visa
    ("Citizens of thirteen more countries need only an eTA to fly to Canada.", {"ca-eta"}),  # Electronic Travel Authorization (Canada)
    ("Parents may visit Canada on a Super Visa.", {"ca-super-visa"}),  # Super Visa
    ("Parents and grandparents sponsorship: Canada sends 17,860 invitations.", {"ca-pgp"}),  # Parents and Grandparents Program
    ("IRCC speeds up the sponsorship of spouses. Canada's spousal sponsorship backlog shrinks.", {"ca-family-spouse"}),  # Spouse and partner sponsorship
    ("IRCC reopened the Private Sponsorship of Refugees Program to Groups of Five.", {"ca-refugee-psr"}),  # Private Sponsorship of Refugees
    ("Refugee claimants in Canada wait two years for a hearing.", {"ca-asylum"}),  # Asylum claims in Canada
    ("Canada's Temporary Foreign Workers Program under review; TFWP permits fall by half.", {"ca-tfwp"}),  # Temporary Foreign Worker Program
    ("The agricultural stream of the TFWP is exempt from the cap.", {"ca-tfwp", "ca-tfwp-ag"}),  # Temporary Foreign Worker Program; TFWP primary agriculture streams
    ("Global Talent Stream employers need a Labour Market Benefits Plan.", {"ca-tfwp-gts"}),  # Global Talent Stream
    ("The International Mobility Program (IMP) has no labour market test.", {"ca-imp"}),  # International Mobility Program
    ("IEC's Working Holiday category opens for Australians who want to work in Canada.", {"ca-iec", "ca-iec-wh"}),  # International Experience Canada; IEC Working Holiday
    ("Intra-company transfers under CUSMA may last seven years in Canada.", {"ca-imp-cusma-ict"}),  # CUSMA intra-company transfer
    ("American H-1B holders got an open work permit in Canada.", {"ca-imp-h1b", "us-h1b"}),  # H-1B specialty occupation visa; Open work permit for H-1B visa holders
    ("Quebec Experience Program graduates protest in Montréal.", {"ca-qc-peq"}),  # Québec Experience Program
    ("Quebec held an Arrima draw under the Programme de sélection des travailleurs qualifiés (PSTQ).", {"ca-qc-arrima", "ca-qc-pstq"}),  # Québec Arrima expression of interest system; Québec Skilled Worker Selection Program
    ("Live-in Caregiver Program alumni in Canada ask for amnesty.", {"ca-caregivers"}),  # Caregiver programs and pilots (pilot not named)
    ("Canada's citizenship by descent bill, and the oath of citizenship, are debated.", {"ca-citizenship"}),  # Canadian citizenship grants
    ("The Economic Mobility Pathways Pilot (EMPP) closed.", {"ca-empp"}),  # Economic Mobility Pathways Pilot
    ("President Trump imposed a $100,000 fee on new H-1B visas.", {"us-h1b"}),  # H-1B specialty occupation visa
    ("The H1B lottery opens in March.", {"us-h1b"}),  # H-1B specialty occupation visa
    ("USCIS said the FY 2026 H-2B cap is reached and will accept supplemental H-2B visas.", {"us-h2b"}),  # H-2B non-agricultural workers
    ("The DOL published H-2A wage rates.", {"us-h2a"}),  # H-2A agricultural workers
    ("H-4 EAD holders won in court.", {"us-h4"}),  # H-4 dependants and H-4 work authorization
    ("USCIS premium processing for OPT and STEM OPT applicants starts today in America.", {"us-opt", "us-stem-opt"}),  # Optional Practical Training; STEM OPT extension
    ("International students on F-1 visas and exchange visitors on J-1 visas face fixed stays, DHS proposes.", {"us-f1", "us-j1"}),  # F-1 students; J-1 exchange visitors
    ("The State Department paused student visa interviews in the United States.", {"us-f1"}),  # F-1 students
    ("EB-1A and EB-2 NIW petitions surge at USCIS.", {"us-eb1", "us-eb2"}),  # EB-1; EB-2 (with the National Interest Waiver)
    ("The EB-3 category retrogressed in the Visa Bulletin, as did EB-4 religious workers.", {"us-eb3", "us-eb4"}),  # EB-3; EB-4 special immigrants
    ("Family-sponsored preference categories and employment-based preference categories in the U.S. Visa Bulletin move.", {"us-eb", "us-family"}),  # Family-based immigration; Employment-based green cards (preference not named)
    ("The K-1 fiancé visa needs an interview at a U.S. consulate.", {"us-family"}),  # Family-based immigration
    ("DV-2027 registration has not opened; the diversity visa costs $1 now.", {"us-dv"}),  # Diversity Visa lottery
    ("DHS terminated TPS for Haiti and Honduras.", {"us-tps"}),  # Temporary Protected Status
    ("The Supreme Court of the United States will hear the DACA case.", {"us-daca"}),  # Deferred Action for Childhood Arrivals
    ("Uniting for Ukraine and humanitarian parole are on hold in the U.S.", {"us-parole"}),  # Humanitarian parole programs
    ("Asylum applications at USCIS are frozen.", {"us-asylum"}),  # Asylum (United States)
    ("USRAP is suspended and refugee admissions are near zero in America.", {"us-refugee"}),  # US Refugee Admissions Program
    ("New citizens swore the oath at a naturalization ceremony in Ohio, United States.", {"us-naturalization"}),  # Naturalization
    ("The O-1A visa suits founders in the U.S., the L-1A suits managers.", {"us-l1", "us-o1"}),  # O-1 extraordinary ability; L-1 intracompany transferees
    ("TN visas let Canadians and Mexicans work in the U.S. under the USMCA.", {"us-tn"}),  # TN professionals (USMCA)
    ("E-2 treaty investors buy franchises in the U.S.", {"us-e-treaty"}),  # E-1 / E-2 / E-3 visas
    ("EB-5 investors must put in $800,000.", {"us-eb5"}),  # EB-5 immigrant investors
    ("PERM labor certification takes 16 months at the US Department of Labor.", {"us-eb"}),  # Employment-based green cards (preference not named)
    ("The Skilled Worker route loses 100 occupations, says the UK government.", {"gb-skilled-worker"}),  # Skilled Worker visa (formerly Tier 2 General)
    ("Net migration to the UK fell after care worker visas were closed.", {"gb-health-care"}),  # Health and Care Worker visa
    ("The Graduate visa is under review by the Migration Advisory Committee.", {"gb-graduate"}),  # Graduate visa
    ("UK universities report fewer student visa applications.", {"gb-student"}),  # Student visa
    ("The Global Talent visa fee is refunded to scientists in Britain.", {"gb-global-talent"}),  # Global Talent visa
    ("A High Potential Individual (HPI) visa takes graduates of top universities.", {"gb-hpi"}),  # High Potential Individual visa
    ("Scale-up visas and Innovator Founder visas were few in the UK.", {"gb-innovator", "gb-scale-up"}),  # Scale-up Worker visa; Innovator Founder visa
    ("Senior or Specialist Worker visa holders in the UK need higher pay.", {"gb-gbm"}),  # Global Business Mobility routes
    ("The Seasonal Worker visa gets a five-year quota from the Home Office.", {"gb-seasonal"}),  # Seasonal Worker visa
    ("India Young Professionals Scheme ballot opens in the UK.", {"gb-yms"}),  # Youth Mobility Scheme
    ("Spouse visa income rules in the UK are under review.", {"gb-family"}),  # Family visas
    ("The Temporary Shortage List holds 50 jobs in the UK.", {"gb-isl"}),  # Immigration Salary List and Temporary Shortage List (formerly Shortage Occupation List)
    ("ILR after ten years: the UK's earned settlement plan.", {"gb-settlement"}),  # Settlement (indefinite leave to remain)
    ("Pre-settled status under the EUSS is extended automatically.", {"gb-euss"}),  # EU Settlement Scheme
    ("Visitors from the Gulf need an ETA before they fly to the UK.", {"gb-eta"}),  # Electronic Travel Authorisation (UK)
    ("The UK visitor visa fee is £127.", {"gb-visitor"}),  # Standard Visitor visa
    ("UK family reunion applications for refugees paused.", {"gb-family"}),  # Family visas
    ("Australia's migration program stays at 185,000 for 2025-26.", {"au-program"}),  # Migration Program planning levels
    ("Home Affairs invited 15,000 people for subclass 189 and subclass 491 visas.", {"au-189", "au-491"}),  # Skilled Independent visa (subclass 189); Skilled Work Regional visa (subclass 491)
    ("NSW opened 190 visa nominations in Australia.", {"au-190"}),  # Skilled Nominated visa (subclass 190)
    ("The 482 visa became the Skills in Demand visa in Australia, with a Core Skills stream.", {"au-482"}),  # Skills in Demand visa (subclass 482; formerly Temporary Skill Shortage)
    ("The Australian Employer Nomination Scheme (subclass 186) Direct Entry stream changed.", {"au-186"}),  # Employer Nomination Scheme (subclass 186)
    ("Graduates on a 485 visa in Australia pay more.", {"au-485"}),  # Temporary Graduate visa (subclass 485)
    ("Australia raises its student visa charge to A$2,000 and caps international students.", {"au-500"}),  # Student visa (subclass 500)
    ("Australia's National Innovation visa had 200 grants.", {"au-858"}),  # National Innovation visa (subclass 858; formerly Global Talent)
    ("Work and Holiday visas (subclass 462) have a ballot in Australia.", {"au-whm"}),  # Working Holiday Maker visas (subclasses 417 and 462)
    ("The Significant Investor visa was a failure, said Australia's minister.", {"au-business"}),  # Business Innovation and Investment visas
    ("Australia's parent visa queue has 150,000 people; partner visas take a year.", {"au-parent", "au-partner"}),  # Parent visas (temporary sponsored parent visa included); Partner visas
    ("The Community Support Program lets Australian businesses sponsor refugees.", {"au-csp"}),  # Community Support Programme
    ("Australia's refugee and humanitarian program takes 20,000 people.", {"au-humanitarian"}),  # Humanitarian Program
    ("The 494 visa lets regional employers in Australia sponsor workers.", {"au-494"}),  # Skilled Employer Sponsored Regional visa (subclass 494)
    ("INZ changed the AEWV median wage rule.", {"nz-aewv"}),  # Accredited Employer Work Visa
    ("Accredited employer work visa holders in New Zealand may stay five years.", {"nz-aewv"}),  # Accredited Employer Work Visa
    ("New Zealand's skilled migrant category reopened.", {"nz-smc"}),  # Skilled Migrant Category Resident Visa
    ("Tower crane operators join the Green List, New Zealand's minister said.", {"nz-green-list"}),  # Green List
    ("The golden visa drew 300 applications to New Zealand.", {"nz-investor"}),  # Active Investor Plus Visa
    ("The parent category of New Zealand reopens.", {"nz-parent"}),  # Parent Resident Visa
    ("Recognised Seasonal Employer workers in NZ come from the Pacific.", {"nz-rse"}),  # Recognised Seasonal Employer scheme
    ("New Zealand cuts post-study work rights for short courses.", {"nz-post-study"}),  # Post Study Work Visa
    ("Working holiday schemes with New Zealand have no cap for Britons.", {"nz-whv"}),  # Working Holiday Visa
    ("Le Canada suspend le Programme des travailleurs étrangers temporaires à Montréal.", {"ca-tfwp"}),  # Temporary Foreign Worker Program
    ("Entrée express : ronde d'invitations pour la catégorie de l'expérience canadienne.", {"ca-ee", "ca-ee-cec"}),  # Express Entry; Canadian Experience Class
    ("Le permis de travail postdiplôme change au Canada.", {"ca-pgwp"}),  # Post-Graduation Work Permit
    ("Le PEQ est aboli au Québec; le PSTQ le remplace.", {"ca-qc-peq", "ca-qc-pstq"}),  # Québec Experience Program; Québec Skilled Worker Selection Program
    ("The AOS and the AEES of Alberta's AAIP changed.", {"ca-ab-aaip", "ca-ab-aaip-aees", "ca-ab-aaip-aos"}),  # Alberta Advantage Immigration Program (formerly AINP); Alberta Opportunity Stream; Alberta Express En...
    ("The number of ITAs in the CEC round was 3,000, said IRCC.", {"ca-ee-cec"}),  # Canadian Experience Class
    ("Canada invited 800 foreign nationals in the healthcare and social services category.", {"ca-ee-health"}),  # Express Entry: healthcare and social services occupations
    ("Canada's new Express Entry categories for 2026 include researchers, senior managers and military recruits.", {"ca-ee", "ca-ee-cbs", "ca-ee-military", "ca-ee-researchers", "ca-ee-senior-managers"}),  # Express Entry; Express Entry category-based selection (category not named); Express Entry: researcher...
    ("Canada will introduce a new Express Entry category for doctors.", {"ca-ee", "ca-ee-physicians"}),  # Express Entry; Express Entry: physicians with Canadian work experience
    ("IRCC extended the In-Canada Workers Initiative to more communities.", {"ca-icwi"}),  # In-Canada Workers Initiative (2026)
    ("The Parents and Grandparents Program 2025 intake has begun in Canada.", {"ca-pgp"}),  # Parents and Grandparents Program
    ("Open work permits for H-1B visa holders in Canada filled in a day.", {"ca-imp-h1b", "us-h1b"}),  # Open work permit for H-1B visa holders; H-1B specialty occupation visa
    ("The working holiday program with Canada, part of International Experience Canada (IEC), has 15,000 places.", {"ca-iec", "ca-iec-wh"}),  # International Experience Canada; IEC Working Holiday
    ("USCIS resumes I-140 processing under EB-1, EB-2, and EB-3.", {"us-eb1", "us-eb2", "us-eb3"}),  # EB-1; EB-2 (with the National Interest Waiver); EB-3
    ("H–2A and H–2B (en dashes) appear in Federal Register texts.", {"us-h2a", "us-h2b"}),  # H-2A agricultural workers; H-2B non-agricultural workers
    ("Nonimmigrant workers in the E-3, H-1B and H-1B1 classifications need a labor condition application in the U.S.", {"us-e-treaty", "us-h1b", "us-h1b1"}),  # E-1 / E-2 / E-3 visas; H-1B specialty occupation visa; H-1B1 (Chile and Singapore)
    ("Tier 4 visas were replaced by the Student route in the UK.", {"gb-student"}),  # Student visa
    ("The Tier 2 (General) route became the Skilled Worker route.", {"gb-skilled-worker"}),  # Skilled Worker visa (formerly Tier 2 General)
    ("The shortage occupation list adds care workers in the UK.", {"gb-isl"}),  # Immigration Salary List and Temporary Shortage List (formerly Shortage Occupation List)
    ("Australia: 457 visa abolished, new Temporary Skill Shortage visa begins.", {"au-457", "au-482"}),  # Temporary Work (Skilled) visa (subclass 457; until 2018); Skills in Demand visa (subclass 482; former...
    ("New Zealand's Essential Skills work visa is folded into the AEWV.", {"nz-aewv"}),  # Accredited Employer Work Visa
    ("The Parent Category opens, the Skilled Migrant Category Resident Visa closes in New Zealand.", {"nz-parent", "nz-smc"}),  # Parent Resident Visa; Skilled Migrant Category Resident Visa
    ("Seasonal workers come to Australia and New Zealand under the RSE scheme.", {"nz-rse"}),  # Recognised Seasonal Employer scheme
    ("The Provincial Nominee Program of Saskatchewan changed.", {"ca-sk-sinp"}),  # Saskatchewan Immigrant Nominee Program
    ("The PNP in Newfoundland and Labrador is full.", {"ca-nl-nlpnp"}),  # Newfoundland and Labrador Provincial Nominee Program
]

# Texts that name no pathway.
UNNAMED = [
    "She holds a work permit and lives in Toronto.",  # a permit that someone holds is no scheme
    "The book has a chapter on human capital and priorities for Ontario.",  # words of a stream's name, but no name
    "The committee needs a general draw of attention in Canada.",  # a general draw of something else
    "A physician in Nova Scotia said that patients wait.",  # a physician is no stream
    "Australia and Canada compete for skilled workers.",  # skilled workers are people
    "He wrote about general education in Canada.",  # general is an everyday word
    "The Canadian Employers Council (CEC) criticised the plan of the government.",  # the text defines CEC as something else
    "The central executive committee (CEC) met in Ottawa.",  # the same in lower case
    "Health, education and trades are provincial matters in Canada.",  # sectors, not categories of Express Entry
    "The IT firm has offices in Nashville, TN and in Austin.",  # TN is a state here
    "An opt-out is planned.",  # opt is no OPT
    "The Graduate School in London opened a visa office for staff.",  # Graduate beside School, not visa
    "Skilled workers are leaving Britain for Australia, a survey shows.",  # skilled workers are people in Britain too
    "A student from Canada visited the partner of a firm in Sydney.",  # student, visited and partner name no visas
    "Workers in Ontario's trades earn more; education and health pay less.",  # trades, education and health of a province
    "The premier spoke of general rounds of talks with Ottawa.",  # general rounds of talks
    "The settlement of the lawsuit in London was reached in May.",  # a settlement in court
    "Parents and grandparents came to the school in Regina.",  # grandparents at a school
    "He drove an SUV from Calgary to Banff.",  # a car
    "The CEC trade show opened in Houston.",  # no place for Canada
    "The board of the International Energy Company (IEC) met in Canada.",  # the text defines IEC otherwise
    "The IMF said that Canada's economy grows.",  # IMF is no IMP
    "She became a citizen scientist in Canada.",  # a citizen scientist
    "The student holds a study permit and a work permit.",  # both permits in passing
    "The IT sector of Canada needs global talent.",  # global talent as everyday words
    "Their work permits run out in May.",  # a possessive permit
    "A green list of plants was issued in Canada.",  # no Green List of New Zealand
    "Two golden retrievers got a visa, joked the Australian minister.",  # retrievers
    "Points of interest in the diversity of Canada.",  # diversity without a visa
    "She won an innovation award in Australia.",  # an award, no visa
    "The refugee family of five lives in Germany.",  # no programme, no country of ours
    "Health Canada approved a drug.",  # a ministry of health
    "Education Minister spoke on trades and transport.",  # trades and transport in a speech
]

# Texts with one mention, its pathway and its words.
SPANS = [
    # an English plural
    ("Provincial Nominee Programs differ.", "ca-pnp", "Provincial Nominee Programs"),
    # a possessive is no part of the name
    ("The OINP's streams differ.", "ca-on-oinp", "OINP"),
    # non-breaking hyphen and curly quotes
    ("The \u201cH\u20111B\u201d lasts.", "us-h1b", "H\u20111B"),
    # closed up
    ("Canada ends the Startup Visa.", "ca-suv", "Startup Visa"),
    # a longer name wins over the name within it
    ("The Alberta Express Entry Stream opened.", "ca-ab-aaip-aees", "Alberta Express Entry Stream"),
    # characters outside the basic plane count as one
    ("\U0001f1e8\U0001f1e6 Express Entry opens.", "ca-ee", "Express Entry"),
    # accents and French
    ("Le Qu\u00e9bec abolit le Programme de l\u2019exp\u00e9rience qu\u00e9b\u00e9coise.", "ca-qc-peq",
     "Programme de l\u2019exp\u00e9rience qu\u00e9b\u00e9coise"),
]

# Documents of more than one sentence, where the setting decides.
SETTINGS = [
    # a stream's plain name belongs to the province named last
    ("Manitoba opened a draw.\n\nOfficials in British Columbia invited 40 under the Skilled Worker stream.",
     {"ca-bc-pnp-sw"}),
    # the same stream in another province
    ("Nova Scotia changed its rules.\n\nThe Skilled Worker stream is open.", {"ca-ns-nsnp-sw"}),
    # the country of the document decides what a student visa is
    ("Immigration New Zealand is slow.\n\nStudent visa holders wait.", {"nz-student"}),
    ("The Home Office is slow.\n\nStudent visa holders wait.", {"gb-student"}),
    ("USCIS is slow.\n\nStudent visa holders wait.", {"us-f1"}),
    # currency shows the country where no place is named
    ("The Skilled Worker visa now asks for \u00a341,700 a year.", {"gb-skilled-worker"}),
    # an abbreviation that the text defines holds in the whole text
    ("Alberta has a Rural Renewal Stream (RRX).\n\nRRX nominees rose.", {"ca-ab-aaip-rrs"}),
    # many mentions of a permit, beside numbers, are a scheme
    ("Canada issued 90,000 work permits.\n\nWork permit processing took 60 days.", {"ca-work-permit"}),
    # occupations of a province's draw are no category of Express Entry
    ("New Brunswick Express Entry stream\n\nCategories selected: Health care, Education, trades",
     {"ca-nb-nbpnp-ee"}),
    # a street and a race are no permits
    ("He lives at 12 Park Ave in Ottawa and went to the F1 race in Canada.", set()),
    # a line break parts two names
    ("Federal\nSkilled Worker Program costs.", set()),
]

# The feed's drawName and drawText2, and the pathway.
ROUNDS = [
    # a version in brackets, with year, after a comma
    ("Trade occupations (Version 2)", "", "ca-ee-trades"),
    ("STEM occupations (2023-1)", "", "ca-ee-stem"),
    ("Transport Occupations, 2026-Version 2", "", "ca-ee-transport"),
    ("French-Language proficiency 2026-Version 2", "", "ca-ee-french"),
    # the label of a round for provincial nominees
    ("Provincial Nominee Program", "Provincial Nominee Program", "ca-ee-pnp"),
    # no program specified, with several programs and with one
    ("No Program Specified", "Federal Skilled Worker, Canadian Experience Class", "ca-ee-general"),
    ("General", "Canadian Experience Class", "ca-ee-cec"),
    # a name that the vocabulary doesn't have
    ("Lighthouse keepers (Version 1)", "", None),
]

# Texts and the new names in them.
NOVEL = [
    # a pilot
    ("The Kootenay Harvest Pilot opens in May.", ["Kootenay Harvest Pilot"]),
    # two names; the second in lower case at its head noun
    ("Ottawa has a Northern Harvest Worker Program and a Blue Economy stream.",
     ["Northern Harvest Worker Program", "Blue Economy stream"]),
    # once, however often it is repeated
    ("The Coastal Visa is new. The Coastal Visa is cheap.", ["Coastal Visa"]),
    # a known name is not new
    ("The Express Entry system and the Masters Graduate stream of the OINP.", []),
    # generic words are no name
    ("The New Program and This Stream, each Federal Pilot Program.", []),
    # education and insurance
    ("The Graduate Diploma Program and the Newcomer Health Insurance Program.", []),
    # one capitalised word before a stream in small letters
    ("Yellowknife says that the Lighthouse stream remains open.", ["Lighthouse stream"]),
    # a place alone is no name
    ("He knows two New Brunswick streams.", []),
    # the name of a firm goes on
    ("Ask the people at Sunrise Visa Consultants.", []),
    # a series before a plural
    ("The Harbour Work, Deep Sea Fishing and Lighthouse streams closed.", ["Harbour Work", "Deep Sea Fishing"]),
    # in quotes, in small letters
    ("Students want the old \u201cfinals-plus-two route\u201d back.", ["finals-plus-two route"]),
    # behind a label
    ("Day of draw | May 3, 2026\nPathway | Lighthouse Experience\nInvited | 20", ["Lighthouse Experience"]),
    # items under a lead that calls them streams
    ("The province opens two streams:\n\n- Harbour Strength\n- Ice Road Drivers", ["Harbour Strength", "Ice Road Drivers"]),
    # a line with a number of its stream behind
    ("Le programme\n\nT\u00e9nors d\u2019exception (Volet 4) : 22 personnes", ["T\u00e9nors d\u2019exception"]),
    # a line that begins with a name in small letters, and one that is a heading
    ("Limits\n\n- Gaining strength category: 120\n\nHow to choose a category: read on", ["Gaining strength category"]),
    # codes and brackets
    ("Dancers hold a P-3 visa, cooks a Harbour Worker (Short Stay) visa.", ["P-3 visa", "Harbour Worker (Short Stay) visa"]),
]


@pytest.mark.parametrize(("text", "expected"), NAMED)
def test_finds_pathways(text: str, expected: set[str]) -> None:
    assert {mention.id for mention in find_pathways(text)} == expected


@pytest.mark.parametrize("text", UNNAMED)
def test_finds_nothing(text: str) -> None:
    assert find_pathways(text) == []


@pytest.mark.parametrize(("text", "pathway", "words"), SPANS)
def test_spans_are_exact(text: str, pathway: str, words: str) -> None:
    (mention,) = find_pathways(text)
    assert (mention.id, mention.text) == (pathway, words)
    assert text[mention.start : mention.end] == words


@pytest.mark.parametrize(("text", "expected"), SETTINGS)
def test_setting_decides(text: str, expected: set[str]) -> None:
    assert {mention.id for mention in find_pathways(text)} == expected


def test_address_shows_the_country() -> None:
    text = "Student visa holders may work for 20 hours."
    assert find_pathways(text) == []
    assert [mention.id for mention in find_pathways(text, url="https://www.gov.uk/news")] == ["gb-student"]


def test_certainty_falls_with_distance() -> None:
    near, far = "The UK student visa is dear.", "UK universities object.\n\nThe student visa is dear."
    assert [mention.certain for mention in find_pathways(near)] == [True]
    assert [mention.certain for mention in find_pathways(far)] == [False]


@pytest.mark.parametrize(("name", "programs", "pathway"), ROUNDS)
def test_rounds(name: str, programs: str, pathway: str | None) -> None:
    assert pathway_of_round(name, programs) == pathway


@pytest.mark.shared
def test_all_rounds_of_the_feed_have_a_pathway(shared) -> None:
    seen = 0
    for path in sorted((shared / "samples" / "express_entry").glob("*.json")):
        for draw in json.loads(path.read_text(encoding="utf-8-sig"))["rounds"]:
            seen += 1
            assert pathway_of_round(draw["drawName"], draw["drawText2"]), draw["drawName"]
    assert seen > 435


@pytest.mark.parametrize(("text", "expected"), NOVEL)
def test_novel_names(text: str, expected: list[str]) -> None:
    found = find_novel(text, find_pathways(text))
    assert [name.text for name in found] == expected
    assert all(text[name.start : name.end] == name.text for name in found)


def test_floor_of_novel_names() -> None:
    """Names of programs without an id over all articles but the blind ones, in small letters: at least a third found, at least six in ten right."""
    hits = found = wanted = 0
    with (Path(__file__).parents[1] / "gold" / "articles.jsonl").open(encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            if record["part"] == "exam2":
                continue
            want = {name.lower() for name in record["novel_pathways"]}
            got = {name.text.lower() for name in find_novel(record["text"], find_pathways(record["text"]))}
            hits, found, wanted = hits + len(want & got), found + len(got), wanted + len(want)
    assert wanted > 40
    assert hits >= wanted / 3
    assert hits >= 0.6 * found


def test_every_pathway_has_an_alias() -> None:
    assert missing_names() == ()


def test_examples_of_aliases_name_their_pathway() -> None:
    wrong = []
    for alias in load_aliases():
        if not alias.example or alias.pathway_id is None:
            continue
        place = load_jurisdictions()[load_pathways()[alias.pathway_id].jurisdiction].name_en
        text = f"{place}: news\n\n{alias.example}"
        if alias.pathway_id not in {mention.id for mention in find_pathways(text)}:
            wrong.append((alias.pathway_id, alias.alias, alias.example))
    assert wrong == []


def test_paraphrases_find_their_examples() -> None:
    for paraphrase in load_paraphrases():
        text = f"IRCC, the ministry in Ottawa, Canada\n\n{paraphrase.example}"
        assert paraphrase.pathway_id in {mention.id for mention in find_pathways(text)}, paraphrase.id


def test_component_keeps_plain_data() -> None:
    import spacy

    import extract.pathways.component  # noqa: F401

    nlp = spacy.blank("en")
    nlp.add_pipe("landed_pathways")
    doc = nlp("Express Entry opened.")
    assert [span.id_ for span in doc.spans["pathways"]] == ["ca-ee"]
    assert json.loads(json.dumps(doc._.pathways))[0]["text"] == "Express Entry"


@pytest.mark.parametrize("unit", ["7", "(", "PNP ", "Express Entry (EE) ", "Skilled Worker stream ", "\n", "U.S."])
def test_time_grows_with_length(unit: str) -> None:
    short, long = unit * (20_000 // len(unit)), unit * (80_000 // len(unit))
    find_pathways(short)

    def measure(text: str) -> float:
        start = time.process_time()
        find_pathways(text)
        return time.process_time() - start

    # four times the text may take at most ten times as long: quadratic work would take sixteen times
    assert measure(long) < 10 * max(measure(short), 0.02)
